#pragma once
// Expected<T>: a value, or the Error that says why there is none. The interface is std::expected's (C++23), which GCC
// 12 lacks; tl::expected stands in for it.

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace monolite {

template <class T>
using Expected = tl::expected<T, Error>;
using Unexpected = tl::unexpected<Error>;

}  // namespace monolite

#define ML_CONCAT_(a, b) a##b
#define ML_CONCAT(a, b) ML_CONCAT_(a, b)

// ML_TRY(f());  leaves the calling function with f's error, if there is one.
#define ML_TRY(expression)                                       \
  do {                                                           \
    if (auto ml_try_ = (expression); !ml_try_) {                 \
      return ::monolite::Unexpected(std::move(ml_try_).error()); \
    }                                                            \
  } while (false)

// ML_ASSIGN(const auto x, f());  x is f's value, or the calling function is left with f's error.
#define ML_ASSIGN(declaration, expression) ML_ASSIGN_(ML_CONCAT(ml_assign_, __LINE__), declaration, expression)
#define ML_ASSIGN_(result, declaration, expression)                      \
  auto result = (expression);                                            \
  if (!result) return ::monolite::Unexpected(std::move(result).error()); \
  declaration = std::move(*result)
