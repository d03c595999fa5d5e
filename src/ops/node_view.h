#pragma once
// What an op's functions see of the node they work on: its tensors, their shapes as known now, and values where known.

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::ops {

class WorkMeter;

// What is known of a tensor at some point: before anything runs (shapes inferred, constants) or while the graph runs.
struct TensorState {
  Shape shape;
  bool has_shape = false;
  std::byte* data = nullptr;  // elements, aligned for their type; constants and inputs are only read
};

using Shapes = std::vector<Shape>;

class NodeView {
 public:
  NodeView(const Model& model, size_t graph, size_t node, std::span<const TensorState> states)
      : model_(&model), graph_(graph), node_(node), states_(states) {}

  const Model& model() const { return *model_; }
  const Graph& graph() const { return model_->graphs[graph_]; }
  const Node& node() const { return graph().nodes[node_]; }
  template <class A>
  A attributes() const {
    return attributes_as<A>(node().attributes);
  }

  // How many there are. An optional input that is left out in the middle (kNoTensor) counts.
  int input_count() const { return static_cast<int>(node().inputs.size()); }
  int output_count() const { return static_cast<int>(node().outputs.size()); }
  // Is input i there?
  bool has_input(int i) const { return i < input_count() && input_id(i) != kNoTensor; }

  // As the file declares them: type, quantization, name. Their Tensor::shape may be out of date: use shape().
  const Tensor& input(int i) const { return graph().tensor(input_id(i)); }
  const Tensor& output(int i) const { return graph().tensor(output_id(i)); }
  DType dtype(int i) const { return input(i).dtype; }
  DType output_dtype(int i) const { return output(i).dtype; }

  // The shape of input i. All inputs' shapes are known when an op's functions are called.
  const Shape& shape(int i) const { return state(input_id(i)).shape; }
  // The shape of output i; in `cost` and `reference`, not before.
  const Shape& output_shape(int i) const { return state(output_id(i)).shape; }

  // Are the values of input i known? In `reference` always; in `infer` for constants and what follows from them.
  bool has_value(int i) const { return state(input_id(i)).data != nullptr || shape(i).elements() == 0; }
  // The elements of input i. T must be its type.
  template <class T>
  const T* data(int i) const {
    return reinterpret_cast<const T*>(state(input_id(i)).data);
  }
  // The values of an int32 or int64 input.
  //
  // Errors: ErrorKind::not_constant where the values are not known yet (shape inference then leaves the output open);
  // another type.
  Expected<std::vector<int64_t>> ints(int i) const;
  // The same, for an input that must have exactly one element.
  Expected<int64_t> int_scalar(int i) const;

  // Scale and zero point of a tensor that expect_quantized() has passed.
  float scale(int i) const { return input(i).quantization.scale[0]; }
  float output_scale(int i) const { return output(i).quantization.scale[0]; }
  int32_t zero_point(int i) const { return zero_point_of(input(i)); }
  int32_t output_zero_point(int i) const { return zero_point_of(output(i)); }

  // An error about this node, an input or an output of it.
  Error fail(std::string found, std::string expected, std::string mend = {}) const;
  Error fail_input(int i, std::string found, std::string expected, std::string mend = {}) const;
  Error fail_output(int i, std::string found, std::string expected, std::string mend = {}) const;

  // Checks for `verify`; each says in its error what was expected.
  Expected<void> expect_inputs(int least, int most) const;  // those in [0, least) must be there
  Expected<void> expect_outputs(int count) const;
  Expected<void> expect_rank(int i, int least, int most) const;
  Expected<void> expect_rank(int i, int rank) const { return expect_rank(i, rank, rank); }
  Expected<void> expect_dtype(int i, std::initializer_list<DType> allowed) const;
  Expected<void> expect_output_dtype(int i, std::initializer_list<DType> allowed) const;
  Expected<void> expect_same_dtype(int i, int output) const;
  // One usable scale (finite, above 0) and a zero point inside the type's range.
  Expected<void> expect_quantized(int i) const;
  Expected<void> expect_output_quantized(int i) const;
  // One usable scale, or one per slice of `dimension`, with as many zero points.
  Expected<void> expect_quantized_per_channel(int i, int dimension) const;
  // The same for an output of `shape`, along the dimension that its quantization names.
  Expected<void> expect_output_quantized_per_channel(int i, const Shape& shape) const;

 protected:
  TensorId input_id(int i) const { return node().inputs[static_cast<size_t>(i)]; }
  TensorId output_id(int i) const { return node().outputs[static_cast<size_t>(i)]; }
  const TensorState& state(TensorId id) const { return states_[static_cast<size_t>(id)]; }

 private:
  static int32_t zero_point_of(const Tensor& t) {
    return t.quantization.zero_point.empty() ? 0 : static_cast<int32_t>(t.quantization.zero_point[0]);
  }
  std::string place() const;

  const Model* model_;
  size_t graph_, node_;
  std::span<const TensorState> states_;
};

// A node about to be computed: all inputs have values, all outputs have memory.
class Evaluation : public NodeView {
 public:
  Evaluation(const Model& model, size_t graph, size_t node, std::span<const TensorState> states,
             WorkMeter* meter = nullptr)
      : NodeView(model, graph, node, states), meter_(meter) {}
  // What counts the work of the inference; null where nobody does.
  WorkMeter* meter() const { return meter_; }
  // The elements of output i. T must be its type.
  template <class T>
  T* out(int i) const {
    return reinterpret_cast<T*>(state(output_id(i)).data);
  }
  // The elements of an input that is a variable tensor (the state of an LSTM).
  template <class T>
  T* variable(int i) const {
    return reinterpret_cast<T*>(state(input_id(i)).data);
  }

 private:
  WorkMeter* meter_;
};

}  // namespace monolite::ops
