#pragma once
// A float graph with ranges -> an integer graph. uint8 has the meaning that toco gave it: the oracle is a file that
// toco wrote. int8 is what newer targets ask for: filters symmetric, with a scale per output channel.

#include <optional>

#include "base/expected.h"
#include "convert/lowering.h"

namespace monolite::conversion {

struct InputStatistics {
  std::string name;
  double mean = 0, std_dev = 1;  // real = (quantized - mean) / std_dev
};

struct QuantizeOptions {
  bool int8 = false;  // else uint8
  std::vector<InputStatistics> inputs;
  std::optional<std::pair<double, double>> default_range;  // for activations that have none
  bool change_concat_input_ranges = false;
  // Inputs of a concatenation whose scale is another are requantized before it. int8 always needs it.
  bool requantize_concat_inputs = false;
  bool float_inputs = false;  // the graph's inputs stay float, each behind a QUANTIZE
};

// Quantizes weights by their values or trained ranges, biases, and activations by `ranges` (trained) and what
// spread_ranges makes of them. A node that no kernel computes on integers stays float, with a remark.
//
// Errors: those of spread_ranges; trained ranges for each channel where uint8 has but one.
Expected<void> quantize(Lowered& lowered, Ranges ranges, const QuantizeOptions& options);

}  // namespace monolite::conversion
