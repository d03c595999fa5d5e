#pragma once
// The reference backend: computes a graph node by node with each op's reference kernel.

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"
#include "ir/graph.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Values with their type and shape, outside of any graph.
struct Value {
  DType dtype = DType::float32;
  Shape shape;
  Buffer data;
};

class WorkMeter;

struct EvaluateOptions {
  size_t graph = 0;
  WorkMeter* meter = nullptr;  // of the inference that this graph is a part of; null: a whole one
  // Called after each node with its index and what it wrote, for calibration, profiling and comparing.
  std::function<void(size_t node, std::span<const Value> outputs)> observer;
};

class Evaluator {
 public:
  // `model` must outlive the evaluator. Variable tensors start reset.
  explicit Evaluator(const Model& model, EvaluateOptions options = {});
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  // One inference. `inputs` stand in the order of the graph's inputs; their shapes may differ from the file's.
  // Returns the outputs in the order of the graph's. Variable tensors keep what the last call left in them.
  //
  // Errors: another number of inputs, another type; a node that cannot be computed; more memory or work than
  // ops/limits.h allows.
  Expected<std::vector<Value>> invoke(std::span<const Value> inputs);

  // Sets variable tensors to zero: to the zero point where they are int8.
  void reset_variables();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One inference with fresh state.
Expected<std::vector<Value>> evaluate(const Model& model, std::span<const Value> inputs, EvaluateOptions options = {});

}  // namespace monolite::ops
