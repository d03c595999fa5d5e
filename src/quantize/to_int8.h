#pragma once
// A uint8 model with int8 instead.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::quantize {

struct ToInt8 {
  int activations = 0, filters = 0;      // tensors that were changed
  int requantized_channels = 0;          // whose weights less their zero point leave -127..127
  std::vector<std::string> requantized;  // the filters that have such channels
};

// Changes the first graph. An activation q at zero point z becomes q - 128 at z - 128: the same reals. A weight w at
// zero point z becomes w - z at 0; a channel where that leaves -127..127 gets a scale of its own (a fully connected
// layer as a whole) and is rounded to it. Nodes whose int8 kernel does not rescale (CONCATENATION) get a QUANTIZE,
// custom ones float.
//
//   keep_io  inputs and outputs stay uint8, behind a QUANTIZE each
//
// What is represented exactly is not computed equally everywhere: uint8 kernels multiply scales in float32 and int8
// ones in double, pools and resizes round otherwise. Each node's output may differ by a step.
//
// Errors: a filter that is computed while the graph runs, or has another shape than its bytes; an operator that has no
// int8 form.
Expected<ToInt8> to_int8(Model& model, bool keep_io);

}  // namespace monolite::quantize
