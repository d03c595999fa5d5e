#pragma once
// A model's outputs as numbers, whatever their type.

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/quantization.h"
#include "ops/evaluate.h"

namespace monolite::tasks {

// Element i as stored. 0 for types that hold no numbers.
double stored_number(const ops::Value& value, int64_t i);
// Element i as the real number that it stands for: through scale and zero point, where the tensor has one of each.
double real_number(const ops::Value& value, const Quantization& quantization, int64_t i);

// What can be said of any output in a line.
struct OutputSummary {
  std::string name, dtype;
  std::vector<int32_t> shape;
  double min = 0, max = 0, mean = 0;  // of the real numbers that are finite
  int64_t not_finite = 0;
  std::vector<double> first;  // at most 8
};
OutputSummary summarize(const ops::Value& value, const Quantization& quantization, std::string name);

}  // namespace monolite::tasks
