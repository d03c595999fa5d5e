#pragma once
// Loops over a register tile that are gone before the compiler looks at registers: GCC 12 keeps arrays that a loop
// indexes in memory, even where the loop is unrolled later.

namespace monolite::kernels {

template <int kValue>
struct Index {
  static constexpr int value = kValue;
  constexpr operator int() const { return kValue; }
};

// f(Index<0>()), …, f(Index<kCount - 1>()).
template <int kCount, class F>
static inline __attribute__((always_inline)) void repeat(const F& f) {
  if constexpr (kCount > 0) {
    repeat<kCount - 1>(f);
    f(Index<kCount - 1>());
  }
}

// A lambda for repeat.
#define ML_EACH(i) [&](auto i) __attribute__((always_inline))

}  // namespace monolite::kernels
