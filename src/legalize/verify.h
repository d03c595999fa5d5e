#pragma once
// Two models on the same inputs, through the reference kernels, output by output.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/evaluate.h"

namespace monolite::legalize {

struct OutputDifference {
  std::string name;
  bool is_label = false;  // plain integers: counted, not measured
  int64_t elements = 0, differing = 0;
  double largest = 0;  // in steps of the quantization, or in reals for float outputs
};

struct Verification {
  int inputs = 0;  // how many times both models ran
  std::vector<OutputDifference> outputs;

  bool is_identical() const;
  // The largest difference over all outputs in steps of quantization; float outputs and labels do not count.
  double largest_steps() const;
};

// Computes a model's outputs from its inputs, with fresh variables. The model outlives it.
using Runner = std::function<Expected<std::vector<ops::Value>>(std::span<const ops::Value>)>;
using MakeRunner = std::function<Expected<Runner>(const Model&)>;

// The reference backend.
Expected<Runner> reference_runner(const Model& model);

// Runs both models on each of `inputs`, which are made for `before`. Where `after` takes another type, an input is
// quantized first; outputs are compared in the type of `before`; of floats those that are finite in both. Nodes that
// both models have in common run once.
//
// Errors: the models' inputs or outputs differ in number or shape; a model that the reference backend cannot run.
Expected<Verification> verify(const Model& before, const Model& after, std::span<const std::vector<ops::Value>> inputs,
                              const MakeRunner& make_runner = reference_runner);

// Inputs of every kind for a model: smooth pictures with noise over the type's range, small numbers for plain integers.
//
// Errors: an input whose shape is open.
Expected<std::vector<ops::Value>> generate_inputs(const Model& model, uint32_t seed);

}  // namespace monolite::legalize
