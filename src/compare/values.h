#pragma once
// How far apart two values are.

#include <cstdint>
#include <string>

#include "ir/quantization.h"
#include "ops/evaluate.h"

namespace monolite::compare {

struct Difference {
  std::string misfit;  // why they can't be compared: another number of elements; else empty
  int64_t elements = 0, differing = 0;
  double max = 0, mean = 0, largest = 0;  // |a - b| as real numbers over all elements; the largest |a|
  int64_t worst = 0;                      // the element that differs most
  double a = 0, b = 0;                    // its values
  bool is_exact = false;                  // integers, which either are equal or not; else float32 and the like

  // No element differs; for floats, by no more than `tolerance` of the largest.
  bool agrees(double tolerance) const;
};

// Compared as the real numbers that they stand for, so that uint8 and int8 versions of a model can be compared.
Difference compare(const ops::Value& a, const Quantization& quantization_a, const ops::Value& b,
                   const Quantization& quantization_b);

// "identical", "12 of 66,049 differ, at most by 0.5, by 0.0001 on average".
std::string to_string(const Difference& difference);

}  // namespace monolite::compare
