#pragma once
// From a range of real numbers to scale and zero point.

#include "ir/quantization.h"
#include "quantize/op_rules.h"

namespace monolite::quantize {

struct Range {
  double min = 0, max = 0;

  // With another range as well.
  Range with(const Range& other) const;
  bool operator==(const Range&) const = default;
};

// The quantization of activations whose values lie in `range`, which is widened to hold 0: 0 has a value of its own.
// int16x8 is symmetric. A range without extent gets scale 1 / 255 (1 / 32767).
Quantization mapping_of(Range range, IntegerType type);

}  // namespace monolite::quantize
