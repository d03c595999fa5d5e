#pragma once
// A uint8 model with int8 instead.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "quantize/match_multipliers.h"

namespace monolite::quantize {

// What to do with weights that leave -127..127 once their zero point is taken off.
enum class WideWeights {
  requantize,     // the channel gets a larger scale and is rounded to it; nothing grows
  repeat_inputs,  // the input channel is given twice and the weight split in two: exact. A depthwise filter has no sum
                  // over channels: those of its channels become a CONV_2D beside it. Weights that two parts do not
                  // hold, and filters with too many such channels, are requantized all the same
};

struct ToInt8Options {
  bool keep_io = false;  // inputs and outputs stay uint8, behind a QUANTIZE each
  WideWeights wide_weights = WideWeights::requantize;
  bool match_multipliers = false;  // see match_multipliers.h
};

// A filter of which not all weights fit.
struct WideFilter {
  std::string op, name;           // name: of the filter
  int64_t weights = 0, wide = 0;  // of all, and those that do not fit
  int repeated_inputs = 0;        // input channels given twice, or depthwise ones that went to a CONV_2D
  int requantized_channels = 0;   // output channels with a larger scale
  double largest_error = 0;       // of a requantized weight, in steps of the uint8 one
};

struct ToInt8 {
  int activations = 0, filters = 0;      // tensors that were changed
  int requantized_channels = 0;          // over all filters
  std::vector<WideFilter> wide_filters;  // in run order
  MatchedMultipliers multipliers;
};

// Changes the first graph; not on an error. An activation q at zero point z becomes q - 128 at z - 128: the same reals.
// A weight w at zero point z becomes w - z at 0; options.wide_weights says what becomes of a channel where that leaves
// -127..127 (a fully connected layer's requantization takes the layer as a whole). Nodes whose int8 kernel does not
// rescale (CONCATENATION) get a QUANTIZE, custom ones float.
//
// What is represented exactly is not computed equally everywhere: uint8 kernels multiply scales in float32 and int8
// ones in double (options.match_multipliers mends that), pools and resizes round otherwise. Each node's output may
// differ by a step.
//
// Errors: a filter that is computed while the graph runs, or has another shape than its bytes; an operator that has no
// int8 form.
Expected<ToInt8> to_int8(Model& model, const ToInt8Options& options = {});

}  // namespace monolite::quantize
