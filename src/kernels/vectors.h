#pragma once
// Vectors of ML_WIDTH 32-bit numbers, for a source that is compiled once for each instruction set with ML_WIDTH
// defined: everything here is static, so that no two files share it.

#include <cstdint>
#include <cstring>

#define ALWAYS_INLINE __attribute__((always_inline)) inline

namespace monolite::kernels {
namespace {

typedef float Vector __attribute__((vector_size(ML_WIDTH * 4)));
typedef int32_t Whole __attribute__((vector_size(ML_WIDTH * 4)));
typedef uint8_t Bytes __attribute__((vector_size(ML_WIDTH)));

template <class V = Vector, class T>
ALWAYS_INLINE V load(const T* p) {
  V v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

template <class V, class T>
ALWAYS_INLINE void store(const V& v, T* p) {
  std::memcpy(p, &v, sizeof(v));
}

// `count` elements, `rest` in the others.
ALWAYS_INLINE Vector load_first(const float* p, int64_t count, float rest) {
  float values[ML_WIDTH];
  for (int i = 0; i < ML_WIDTH; ++i) values[i] = i < count ? p[i] : rest;
  return load(values);
}

ALWAYS_INLINE void store_first(const Vector& v, float* p, int64_t count) {
  float values[ML_WIDTH];
  store(v, values);
  for (int i = 0; i < count; ++i) p[i] = values[i];
}

// The limits are vectors or numbers. A NaN stays one.
template <class V, class Limit>
ALWAYS_INLINE V clamped(V v, const Limit& least, const Limit& most) {
  const V low = least - V{}, high = most - V{};
  v = v < low ? low : v;
  return v > high ? high : v;
}

}  // namespace
}  // namespace monolite::kernels
