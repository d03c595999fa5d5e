#pragma once
// What a fast step's maker sees of the graph while a plan is made.

#include <memory>
#include <optional>
#include <vector>

#include "base/cpu.h"
#include "ops/infer_shapes.h"
#include "runtime/step.h"

namespace monolite::runtime {

class WeightCache;

class Planner {
 public:
  // `piece_of_node`: nodes of distinct pieces are not computed as one; empty: all are of one piece.
  Planner(const Model& model, size_t graph, const ops::Inference& inference, Isa isa, int threads,
          std::vector<int> piece_of_node = {});

  const Model& model() const { return model_; }
  const Graph& graph() const { return model_.graphs[graph_]; }
  size_t graph_index() const { return graph_; }
  const Node& node(size_t i) const { return graph().nodes[i]; }
  ops::NodeView view(size_t i) const { return ops::NodeView(model_, graph_, i, inference_.states); }
  std::span<const ops::TensorState> states() const { return inference_.states; }
  Isa isa() const { return isa_; }
  int threads() const { return threads_; }
  // Where packed weights are kept, or null.
  WeightCache* weight_cache() const { return weight_cache_; }
  void set_weight_cache(WeightCache* cache) { weight_cache_ = cache; }

  // Is the tensor's value known now? Then `view(i).data<T>` may be read while planning.
  bool is_known(TensorId id) const;
  // Are the inputs of node i from `first` on known or left out? What a kernel packs ahead must be.
  bool are_known(size_t i, int first) const;

  // The node that writes the tensor.
  std::optional<size_t> producer(TensorId id) const;
  // By one node alone? A damaged graph may have more.
  bool is_written_once(TensorId id) const { return writers_[static_cast<size_t>(id)] == 1; }

  // The node that a step may take in before node i as its input k: of that kind, of the same piece, not yet part of
  // another step, and read by node i alone.
  std::optional<size_t> absorbable(size_t i, int k, OpCode op) const;

  bool is_planned(size_t i) const { return planned_[i]; }
  void set_planned(size_t i) { planned_[i] = true; }

 private:
  const Model& model_;
  size_t graph_;
  const ops::Inference& inference_;
  Isa isa_;
  int threads_;
  WeightCache* weight_cache_ = nullptr;
  std::vector<bool> planned_;
  std::vector<int> producer_;  // a tensor's node, or -1
  std::vector<int> writers_;   // how many nodes write a tensor
  std::vector<int> piece_of_node_;
  std::vector<int> readers_;  // how many read a tensor, the graph's outputs included
};

// Makes the step that ends in a node, which writes some element, or nothing where this kind of step does not fit.
// Makers stand in steps.inc.
using MakeStep = std::unique_ptr<Step> (*)(const Planner& planner, size_t node);

}  // namespace monolite::runtime
