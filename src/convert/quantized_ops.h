#pragma once
// What ranges and quantized values do as they pass an op.

#include <optional>

#include "convert/quantization_params.h"

namespace monolite::conversion {

// Convolutions and dense layers: a filter as input 1, and a bias.
bool has_filter(OpCode op);
size_t bias_input(OpCode op);

// The input whose values an op hands on.
size_t data_input(OpCode op);

// Its outputs have the values of its input, or means of them: they have its range too.
bool keeps_range(OpCode op);

// It moves values, and leaves none out: what is known of its output's range holds for its input.
bool moves_all(OpCode op);

// It computes on quantized values as they are: scale and zero point of its outputs must be its input's own.
bool keeps_values(OpCode op);

// It compares or gathers quantized values as they are: all its inputs must have its output's scale and zero point.
bool joins_values(OpCode op);

// The range of a result, whatever the input's is.
std::optional<TrainedRange> own_range(OpCode op);

// Scale and zero point that a kernel insists on, for the same ops.
std::optional<ScaleAndZero> fixed_params(OpCode op, QuantizedType type);

// The range that a fused activation leaves, where it has two ends.
std::optional<TrainedRange> activation_range(const Node& node);

}  // namespace monolite::conversion
