#pragma once
// What an integer node asks of its tensors, one line an op. Source: TensorFlow Lite's 8-bit quantization specification
// and the checks of LiteRT's kernels.

#include <cstdint>
#include <optional>

#include "ir/graph.h"

namespace monolite::quantize {

// The integer types that a float model can be given.
enum class IntegerType {
  int8,     // asymmetric activations, symmetric int8 filters with a scale per output channel
  uint8,    // asymmetric activations and filters, one scale each
  int16x8,  // symmetric int16 activations, filters as in int8, int64 biases
};

DType activation_type(IntegerType type);

enum class Role {
  real,      // no integer kernel: computed in float
  filter,    // a constant filter and a bias; the output has a scale of its own
  own,       // every tensor has a scale of its own
  same,      // the output stands for the same numbers: scale of the data input
  same_all,  // all inputs and outputs share one scale
  fixed,     // the output's scale is laid down: see fixed_output()
  reads,     // reads integers, writes what is none: labels, shapes
};

struct OpRule {
  Role role = Role::real;
  size_t data = 0;  // the (first) input with the data; all others of Role::same are none
  int filter = 1;   // Role::filter: inputs
  int bias = 2;
};

// The rule of an op for a type; Role::real where there is no kernel.
OpRule op_rule(OpCode op, IntegerType type);

// The least version of the operator that has this kernel.
int integer_version(OpCode op, IntegerType type);

// Scale and zero point that LiteRT's kernel demands of the output.
std::optional<Quantization> fixed_output(OpCode op, IntegerType type);

}  // namespace monolite::quantize
