#pragma once
// Quantized functions of one number as tables, made as LiteRT makes them: the construction decides the bits.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "ops/elementwise.h"
#include "ops/node_view.h"

namespace monolite::ops {

// The outputs of all 256 inputs, by the input's bits taken as uint8_t.
template <class T>
using ByteTable = std::array<T, 256>;

// f on real numbers, in float32. T is int8_t or uint8_t.
template <class T, class F>
ByteTable<T> byte_table(const NodeView& n, F f) {
  constexpr int32_t least = std::numeric_limits<T>::lowest(), most = std::numeric_limits<T>::max();
  const float inverse_scale = 1 / n.output_scale(0);
  const auto output_zero_point = static_cast<float>(n.output_zero_point(0));
  ByteTable<T> table;
  for (int32_t value = least; value <= most; ++value) {
    const float real = n.scale(0) * static_cast<float>(value - n.zero_point(0));
    const float steps = std::round(static_cast<float>(f(real)) * inverse_scale) + output_zero_point;
    const float saturated = std::min(std::max(static_cast<float>(least), steps), static_cast<float>(most));
    table[static_cast<uint8_t>(value)] = static_cast<T>(saturated);
  }
  return table;
}

template <class T>
void map_byte_table(const Evaluation& n, const ByteTable<T>& table) {
  map_unary<T, T>(n, [&](T value) { return table[static_cast<uint8_t>(value)]; });
}

// A function of 16 bits: 512 equal pieces, linear between their ends.
class ShortTable {
 public:
  // f on real numbers, in float32, for the node's input and output.
  template <class F>
  ShortTable(const NodeView& n, F f)
      : ShortTable(n.scale(0), n.zero_point(0), n.output_scale(0), n.output_zero_point(0), f) {}

  // f on real numbers, in Real: float or double. Each point is moved by half of the error that a straight line has in
  // the middle.
  template <class Real, class F>
  ShortTable(Real in_scale, int32_t in_zero_point, Real out_scale, int32_t out_zero_point, F f) {
    const Real least_in = in_scale * static_cast<Real>(-32768 - in_zero_point);
    const Real most_in = in_scale * static_cast<Real>(32767 - in_zero_point);
    const Real least_out = out_scale * static_cast<Real>(-32768 - out_zero_point);
    const Real most_out = out_scale * static_cast<Real>(32767 - out_zero_point);
    const Real step = (most_in - least_in) / 512, steps_per_unit = Real{65536} / (most_out - least_out);
    const auto sample = [&](Real x) { return static_cast<Real>(f(x)) * steps_per_unit; };
    for (int i = 0; i < 512; ++i) {
      const auto piece = static_cast<Real>(i);
      const Real here = std::round(sample(least_in + piece * step));
      const Real middle = std::round(sample(least_in + piece * step + step / 2));
      const Real next = sample(least_in + (piece + 1) * step);
      const Real bend = std::round((next + here) / 2) - middle;
      points_[static_cast<size_t>(i)] = saturate(here - std::round(bend / 2));
    }
    points_[512] = saturate(std::round(sample(most_in)));
  }

  int16_t operator()(int16_t value) const {
    const auto piece = static_cast<size_t>(256 + (value >> 7));
    const auto slope = static_cast<int16_t>(points_[piece + 1] - points_[piece]);
    return static_cast<int16_t>(points_[piece] + ((slope * (value & 127) + 64) >> 7));
  }

 private:
  template <class Real>
  static int16_t saturate(Real value) {
    return static_cast<int16_t>(std::min(std::max(Real{-32768}, value), Real{32767}));
  }

  std::array<int16_t, 513> points_;
};

}  // namespace monolite::ops
