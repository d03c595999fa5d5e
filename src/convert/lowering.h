#pragma once
// The context in which TensorFlow nodes become IR nodes, one after the other: values by name, constants folded at once.

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "convert/select.h"
#include "ir/graph.h"
#include "ops/node_view.h"
#include "tensorflow/graph.h"

namespace monolite::conversion {

// The range that a FakeQuant node gives to what it reads.
struct TrainedRange {
  double min = 0, max = 0;
  bool narrow = false;             // 0 is not used: weights
  std::vector<double> steps = {};  // of a filter whose channels have ranges of their own: what each is a multiple of
  // A batch norm was folded into the filter since: the steps are known for each channel, the range as a whole is not.
  bool is_of_folded = false;
};

using Ranges = std::unordered_map<TensorId, TrainedRange>;

// What lowering leaves: a float graph, and the ranges of constants that have passed a FakeQuant node. Ranges of
// activations stand in FAKE_QUANT nodes.
struct Lowered {
  Model model;
  Ranges constant_ranges;
  std::vector<std::string> remarks;  // what a user should know
};

struct InputShape {
  std::string name;
  Shape shape;
};

struct LoweringOptions {
  bool allow_custom_ops = false;
  std::vector<InputShape> input_shapes;  // those given; others come from the graph
};

// Fields of an options table by their names in the schema; enums are int64_t.
using Options = std::vector<std::pair<std::string, AttributeValue>>;

class Lowering {
 public:
  explicit Lowering(const LoweringOptions& options);
  Lowering(const Lowering&) = delete;
  Lowering& operator=(const Lowering&) = delete;

  Graph& graph() { return lowered_.model.graphs[0]; }
  const Tensor& tensor(TensorId id) { return graph().tensor(id); }
  const Shape& shape(TensorId id) const { return states_[static_cast<size_t>(id)].shape; }
  bool has_shape(TensorId id) const { return states_[static_cast<size_t>(id)].has_shape; }
  Lowered& lowered() { return lowered_; }
  const LoweringOptions& options() const { return options_; }

  // A graph input of that name.
  TensorId add_input(const std::string& name, DType dtype, const Shape& shape);
  TensorId add_constant(const std::string& name, DType dtype, const Shape& shape, Buffer data);
  template <class T>
  TensorId add_constant(const std::string& name, const Shape& shape, std::vector<T> values) {
    return add_constant(name, DTypeOf<T>::value, shape, Buffer::of(std::move(values)));
  }
  // A constant's elements. T is its type.
  template <class T>
  std::vector<T> values(TensorId id) {
    const Buffer& data = tensor(id).data;
    std::vector<T> all(data.size_bytes() / sizeof(T));
    if (!all.empty()) std::memcpy(all.data(), data.data(), all.size() * sizeof(T));
    return all;
  }

  // Appends a node with one output of that name and type; its shape is inferred. Where all inputs are constants and the
  // work is small, the value is computed now and the result is a constant.
  //
  // Errors: what the op's verify and infer say; more than 1 GiB of folded constants.
  Expected<TensorId> emit(const std::string& name, OpCode op, std::vector<TensorId> inputs, DType dtype,
                          const std::string& table = {}, const Options& options = {});
  // The same with an output for each of `dtypes`: "name", "name:1", …
  Expected<std::vector<TensorId>> emit_many(const std::string& name, const std::vector<DType>& dtypes, OpCode op,
                                            std::vector<TensorId> inputs, const std::string& table = {},
                                            const Options& options = {});
  // The same for an op that is not known here (a custom one): several outputs, shapes as given.
  std::vector<TensorId> emit_unknown(Node node, const std::vector<std::pair<std::string, DType>>& outputs,
                                     const std::vector<Shape>& shapes);

  // Values of an int32 or int64 constant.
  //
  // Errors: it is not constant, said of input i of `n`.
  Expected<std::vector<int64_t>> ints(const tensorflow::Node& n, const std::vector<TensorId>& in, size_t i);

  // Lowers all nodes of a selection, and sets the graph's inputs and outputs.
  Expected<void> run(const Selection& selection, const NodeIndex& index);

 private:
  Expected<void> lower(const tensorflow::Node& n);
  Expected<TensorId> value_of(const tensorflow::TensorName& name) const;
  void name_outputs(const Selection& selection);
  TensorId add(Tensor t, bool has_shape);
  bool may_fold(const Node& node) const;
  Expected<void> fold_last_node();

  LoweringOptions options_;
  Lowered lowered_;
  std::vector<ops::TensorState> states_;
  std::unordered_map<std::string, std::vector<TensorId>> outputs_;  // of each TensorFlow node
  int64_t folded_bytes_ = 0;
};

// An error about a TensorFlow node.
Error node_error(const tensorflow::Node& n, std::string found, std::string expected = {}, std::string mend = {});

// The IR's type for TensorFlow's.
//
// Errors: a type that no .tflite of this program has.
Expected<DType> dtype_of(tensorflow::DataType type);

// Lowers one node: its inputs' tensors -> its outputs' (kNoTensor for one that the IR has no counterpart of,
// kNeverTaken).
using LowerFunction = Expected<std::vector<TensorId>> (*)(Lowering& l, const tensorflow::Node& n,
                                                          const std::vector<TensorId>& in);

// In the place of an output on the side of a branch that is never taken. What reads it is not taken either.
inline constexpr TensorId kNeverTaken = -2;

// The lowering of a TensorFlow op, or nullptr.
LowerFunction find_lowering(const std::string& op);

// The shape of a placeholder or of a cut tensor, as the graph states it; nothing where an extent is open.
std::optional<Shape> stated_shape(const tensorflow::Node& n);

// The value of a Const node as an IR constant.
Expected<TensorId> lower_value(Lowering& l, const std::string& name, const tensorflow::Tensor& value);

}  // namespace monolite::conversion
