#pragma once
// ADD on 8-bit numbers, alone or behind what computes one of its inputs.

#include <optional>

#include "kernels/elementwise_q8/select.h"
#include "runtime/planner.h"

namespace monolite::runtime {

class AddQ8 {
 public:
  // Of an ADD on uint8 or int8, of equal shapes unless the caller broadcasts.
  static std::optional<AddQ8> make(const Planner& planner, size_t node, bool broadcasts = false);

  // out[i] = a[i] + b[i], where `a` is the node's input 0. The output may be one of the inputs.
  void add(const uint8_t* a, const uint8_t* b, int64_t count, uint8_t* out) const;

  const char* kernel_name() const { return kernel_->name; }

 private:
  const kernels::ElementwiseQ8Kernel* kernel_ = nullptr;
  kernels::SumQ8 sum_{};
};

}  // namespace monolite::runtime
