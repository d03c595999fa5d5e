#pragma once
// An 8-bit ADD that is computed with the convolution that makes one of its inputs.

#include "runtime/add_q8.h"

namespace monolite::runtime {

struct ResidualQ8 {
  AddQ8 sum;
  bool conv_is_first;  // of the ADD's inputs

  // Adds `other` to what the convolution has made.
  void add(const uint8_t* other, int64_t count, uint8_t* made) const {
    sum.add(conv_is_first ? made : other, conv_is_first ? other : made, count, made);
  }
};

// The step that make(planner, conv, residual) gives for a CONV_2D that the ADD `node` may take in, made to end in it.
// It reads the other input last. Nothing where there is none.
std::unique_ptr<Step> make_with_residual_q8(const Planner& planner, size_t node,
                                            std::unique_ptr<Step> (*make)(const Planner&, size_t,
                                                                          std::optional<ResidualQ8>));

}  // namespace monolite::runtime
