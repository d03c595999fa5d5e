#pragma once
// What the targets' rules know of a graph: shapes as the file states them and as they are inferred, who makes and who
// reads each tensor, and what each node costs. Made once a model, then asked by every target.

#include <cstdint>
#include <vector>

#include "ir/graph.h"
#include "ops/infer_shapes.h"

namespace monolite::delegates {

class GraphContext {
 public:
  // Looks at the graph that runs. `model` must live as long as the context.
  explicit GraphContext(const Model& model);

  const Model& model() const { return *model_; }
  const Graph& graph() const { return model_->main(); }
  int node_count() const { return static_cast<int>(graph().nodes.size()); }

  // A tensor's shape as the runtime finds it; the file's where it is not known before the graph runs.
  const Shape& propagated_shape(TensorId id) const;
  // Is the shape of one of the node's outputs only known while the graph runs?
  bool is_dynamic(int node) const { return is_dynamic_[static_cast<size_t>(node)]; }

  // The first node that writes the tensor, or -1.
  int producer(TensorId id) const { return producers_[static_cast<size_t>(id)]; }
  // The nodes that read it, in order; one that reads it twice stands here twice.
  const std::vector<int>& consumers(TensorId id) const { return consumers_[static_cast<size_t>(id)]; }
  bool is_output(TensorId id) const { return id != kNoTensor && is_output_[static_cast<size_t>(id)]; }
  bool is_input(TensorId id) const { return id != kNoTensor && is_input_[static_cast<size_t>(id)]; }

  // The tensor itself, or the constant float16 tensor that a DEQUANTIZE makes it from.
  TensorId behind_float16(TensorId id) const;
  // Is the node a DEQUANTIZE of a constant float16 tensor?
  bool unpacks_float16(int node) const;

  // Multiply-accumulates; 0 where they are not known.
  int64_t macs(int node) const { return macs_[static_cast<size_t>(node)]; }
  // The tensor's size at its propagated shape; 0 where it is not known.
  int64_t size_bytes(TensorId id) const;

 private:
  const Model* model_;
  ops::Inference inference_;
  std::vector<int> producers_;
  std::vector<std::vector<int>> consumers_;
  std::vector<bool> is_input_, is_output_, is_dynamic_;
  std::vector<int64_t> macs_;
};

}  // namespace monolite::delegates
