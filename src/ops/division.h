#pragma once
// What ops that divide share: a divisor of 0 is only known while running, and is an error there.

#include <algorithm>
#include <string>

#include "ops/node_view.h"

namespace monolite::ops {

// No element of input 1 is `zero`.
template <class T>
Expected<void> expect_no_zero_divisor(const Evaluation& n, T zero) {
  const T* divisors = n.data<T>(1);
  const int64_t count = n.shape(1).elements();
  const auto at = std::find(divisors, divisors + count, zero) - divisors;
  if (at == count) return {};
  return Unexpected(n.fail_input(1, "zero at element " + std::to_string(at), "divisors that are not 0"));
}

}  // namespace monolite::ops
