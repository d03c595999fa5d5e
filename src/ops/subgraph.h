#pragma once
// Nodes that run another graph of the model: IF, WHILE, STABLEHLO_COMPOSITE.

#include <cstdint>
#include <optional>
#include <vector>

#include "ops/evaluate.h"
#include "ops/node_view.h"

namespace monolite::ops {

// The graphs that a node runs; none for all other ops. Their numbers are the file's, unchecked.
std::vector<int64_t> callees(const Node& node);

// Checks the graphs that the node runs: they exist, none of them comes back to itself, and one run of each, with all
// that they run in turn, is no more than kMostCalledNodes.
Expected<void> verify_callees(const NodeView& n);

// The same of all that a graph runs, so that many calls of a large graph end too.
Expected<void> check_calls(const Model& model, size_t graph);

// Checks that graph `index` takes the node's inputs from `first_input` on, with as many outputs as `outputs`, of these
// types.
Expected<void> expect_signature(const NodeView& n, int64_t index, int first_input, const std::vector<DType>& outputs);

// The types of the node's outputs.
std::vector<DType> output_types(const NodeView& n);

// What is known of the shapes that graph `index` gives for the shapes of the node's inputs; nothing for one that
// follows from values.
//
// Errors: what a node in it says.
Expected<std::vector<std::optional<Shape>>> infer_callee(const NodeView& n, int64_t index, int first_input);

// All of them.
//
// Errors: not_constant where one is not known.
Expected<Shapes> all_known(const NodeView& n, const std::vector<std::optional<Shape>>& shapes);

// The node's inputs from `first` on; they share the node's memory.
std::vector<Value> input_values(const Evaluation& n, int first);

// Copies values to the node's outputs.
//
// Errors: another shape than was inferred; a scalar and one element in a list are the same.
Expected<void> write_outputs(const Evaluation& n, const std::vector<Value>& values);

// What runs graph `index`; its work counts as the node's.
Evaluator callee(const Evaluation& n, int64_t index, WorkMeter& own);

}  // namespace monolite::ops
