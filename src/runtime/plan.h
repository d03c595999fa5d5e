#pragma once
// The plan of a graph: which steps compute it, in which order, with which kernels, and where tensors lie.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/expected.h"
#include "ops/infer_shapes.h"
#include "runtime/arena.h"
#include "runtime/step.h"

namespace monolite::runtime {

class WeightCache;

struct PlanOptions {
  size_t graph = 0;
  std::map<TensorId, Shape> input_shapes;  // instead of the file's
  Isa isa = Isa::none;
  int threads = 1;
  bool fast = true;  // false: every node by its reference kernel
  // The graph in pieces that run one after the other; no step takes nodes of two. Every node is in one of them, behind
  // those that it reads from. None: the graph as it stands, as one piece.
  std::vector<std::vector<size_t>> pieces;
  WeightCache* weight_cache = nullptr;  // where packed weights are kept, if they are; it must outlive the plan
};

struct Plan {
  ops::Inference inference;  // shapes, and the values that are known ahead
  std::vector<std::unique_ptr<Step>> steps;
  std::vector<int> block_of_tensor;      // an index into `blocks`; -1: no memory of the arena
  std::vector<int64_t> offset_in_block;  // of a tensor that is a part of another one
  std::vector<Block> blocks;
  int64_t arena_bytes = 0;
  int64_t scratch_bytes = 0;  // for each thread
  // Shapes of this graph are known only while it runs: there is no plan, and the reference backend has to do it.
  bool is_open = false;
};

// `model` must outlive the plan.
//
// Errors: a node that cannot be computed; more memory or work than ops/limits.h allows.
Expected<Plan> make_plan(const Model& model, const PlanOptions& options);

// A line a step: its nodes, the kernel, what it reads and writes; then the memory.
std::string to_string(const Plan& plan, const Graph& graph);

}  // namespace monolite::runtime
