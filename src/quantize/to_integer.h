#pragma once
// A float model with calibrated ranges -> integers.

#include <set>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "quantize/calibrate.h"
#include "quantize/op_rules.h"

namespace monolite::quantize {

struct ToIntegerOptions {
  IntegerType type = IntegerType::int8;
  // Of inputs and outputs that were float32: float32, int8, uint8, or the type's own.
  DType input_type = DType::int8, output_type = DType::int8;
  std::set<size_t> keep_float = {};  // nodes of the first graph that stay as they are
};

// A node that stays float32.
struct RealNode {
  size_t node = 0;  // of the float model
  std::string why;
};

// What a tensor of the float model became.
struct IntegerTensor {
  size_t node = 0;                                 // of the float model: the one that writes it
  TensorId before = kNoTensor, after = kNoTensor;  // `after`: in the integer model
};

struct ToInteger {
  Model model;
  int integer_nodes = 0, filters = 0, conversions = 0;  // conversions: QUANTIZE and DEQUANTIZE nodes that were added
  std::vector<RealNode> real_nodes;                     // those with float32 tensors that could have been integers
  std::vector<IntegerTensor> tensors;                   // in run order
  std::vector<size_t> places;                           // where each node of the float model stands now
  std::vector<TensorId> origins;                        // by TensorId of `model`: the float model's tensor
};

// `model` computes in float32 (see float_constants.h); the result is a model beside it. Filters of convolutions are
// symmetric with a scale per output channel, of FULLY_CONNECTED with one (uint8: asymmetric, one); biases have the
// scale of input times filter. Operators that move values share their tensors' scale; where an input of a CONCATENATION
// has readers that want another one, a QUANTIZE stands before it. Nodes without an integer kernel stay float32 between
// a DEQUANTIZE and a QUANTIZE.
//
// Errors: no node can be integer; an activation without a range.
Expected<ToInteger> to_integer(const Model& model, const Ranges& ranges, const ToIntegerOptions& options);

}  // namespace monolite::quantize
