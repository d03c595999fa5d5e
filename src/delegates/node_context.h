#pragma once
// A node as one target sees it. Every question has an answer, whatever the file holds: an input that is not there has
// the type DType::variant, rank 0 and no constant, so rules need not look first.

#include <optional>
#include <string_view>
#include <vector>

#include "delegates/graph_context.h"

namespace monolite::delegates {

// Which shapes a target judges.
enum class Shapes { file, propagated };

class NodeContext {
 public:
  NodeContext(const GraphContext& graph, int node, Shapes shapes, bool through_float16 = false)
      : graph_(&graph), node_(node), shapes_(shapes), through_float16_(through_float16) {}

  const GraphContext& graph() const { return *graph_; }
  int index() const { return node_; }
  const Node& node() const { return graph_->graph().nodes[static_cast<size_t>(node_)]; }
  OpCode op() const { return node().op; }
  int version() const { return node().version; }

  // The op's struct (ops/<op>.h) filled from the options, or a single option by its schema name.
  template <class A>
  A attributes() const {
    return attributes_as<A>(node().attributes);
  }
  int64_t attribute(std::string_view name, int64_t absent = 0) const;
  double real_attribute(std::string_view name, double absent = 0) const;
  bool flag(std::string_view name) const;
  std::vector<int64_t> list_attribute(std::string_view name) const;
  bool has_attribute(std::string_view name) const { return node().attributes.find(name) != nullptr; }

  // How many there are; an optional input that is left out in the middle counts.
  int input_count() const { return static_cast<int>(node().inputs.size()); }
  int output_count() const { return static_cast<int>(node().outputs.size()); }
  bool has_input(int i) const { return input_id(i) != kNoTensor; }
  TensorId input_id(int i) const;  // kNoTensor where it is not there
  TensorId output_id(int i) const;

  const Tensor& input(int i) const { return tensor(input_id(i)); }
  const Tensor& output(int i = 0) const { return tensor(output_id(i)); }
  DType dtype(int i = 0) const { return input(i).dtype; }
  DType output_dtype(int i = 0) const { return output(i).dtype; }
  const Shape& shape(int i = 0) const { return shape_of(input_id(i)); }
  const Shape& output_shape(int i = 0) const { return shape_of(output_id(i)); }
  int rank(int i = 0) const { return shape(i).rank(); }
  int output_rank(int i = 0) const { return output_shape(i).rank(); }

  // Does the file hold input i's values?
  bool is_constant(int i) const { return has_input(i) && input(i).is_constant(); }
  // The values of a constant int32 or int64 input.
  std::optional<std::vector<int64_t>> ints(int i) const;

  // The per-tensor parameters that TFLite's older interface shows: 0 unless there is exactly one scale.
  static float scale(const Tensor& t);
  static int64_t zero_point(const Tensor& t);
  float scale(int i) const { return scale(input(i)); }
  float output_scale(int i = 0) const { return scale(output(i)); }
  // Do both have one scale and zero point, and the same?
  static bool same_scale(const Tensor& a, const Tensor& b);

 private:
  const Tensor& tensor(TensorId id) const;
  const Shape& shape_of(TensorId id) const;

  const GraphContext* graph_;
  int node_;
  Shapes shapes_;
  bool through_float16_;
};

}  // namespace monolite::delegates
