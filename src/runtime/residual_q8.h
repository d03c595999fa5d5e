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

// Makes the step that ends in a CONV_2D, or in the residual behind it, whose other input is what the step reads last.
using MakeConvolutionQ8 = std::unique_ptr<Step> (*)(const Planner& planner, size_t conv,
                                                    std::optional<ResidualQ8> residual);

// The step of the ADD `node` and a CONV_2D before it. Nothing where there is none that `make` takes.
std::unique_ptr<Step> make_with_residual_q8(const Planner& planner, size_t node, MakeConvolutionQ8 make);

}  // namespace monolite::runtime
