// tf.cond as graphs of TensorFlow 1 have it. Its condition (is_training, keras_learning_phase) is a constant by the
// time a graph is frozen: one side is taken, the other goes.

#include <algorithm>

#include "convert/lowerings.h"

namespace monolite::conversion {

namespace tf = monolite::tensorflow;

// Data and condition -> the data on the side that is taken: output 0 for false, 1 for true.
Outputs lower_switch(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  const Tensor& condition = l.tensor(in[1]);
  if (!condition.is_constant() || condition.dtype != DType::boolean || condition.data.size_bytes() != 1) {
    return Unexpected(node_error(n, "a branch that depends on the graph's input", "a condition that is a constant",
                                 "export the graph for inference, with is_training=False"));
  }
  const bool is_true = condition.data.get<uint8_t>(0) != 0;
  return is_true ? std::vector<TensorId>{kNeverTaken, in[0]} : std::vector<TensorId>{in[0], kNeverTaken};
}

// The side that was taken, and which it is.
Outputs lower_merge(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  const auto is_taken = [](TensorId id) { return id != kNeverTaken; };
  const auto taken = std::find_if(in.begin(), in.end(), is_taken);
  if (taken == in.end()) return std::vector<TensorId>{kNeverTaken};
  if (std::count_if(in.begin(), in.end(), is_taken) > 1) {
    return Unexpected(
        node_error(n, "two sides that are both taken", "one", "freeze the inference graph, without loops"));
  }
  const auto side = static_cast<int32_t>(taken - in.begin());
  const TensorId which = l.add_constant<int32_t>(n.name + ":1", Shape(), {side});
  return std::vector<TensorId>{*taken, which};
}

}  // namespace monolite::conversion
