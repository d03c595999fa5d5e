#include "kernels/elementwise_q8/elementwise_q8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/elementwise_q8/select.h"
#include "kernels/elementwise_q8/sum_q8.h"
#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {
namespace {

struct Scales {
  double a, b, out;
};

// TensorFlow Lite's arithmetic of an ADD.
struct Sum {
  SumInputQ8 a, b;
  Multiplier scale;
  OutputQ8 output;

  Sum(const Scales& s, bool is_signed) {
    const double twice = 2 * std::max(s.a, s.b);
    a = {119, 20, quantize_multiplier(s.a / twice)};
    b = {131, 20, quantize_multiplier(s.b / twice)};
    scale = quantize_multiplier(twice / ((1 << 20) * s.out));
    output = {126, 2, 253, static_cast<uint8_t>(is_signed ? 0x80 : 0)};
  }
  static int32_t term(const SumInputQ8& in, int32_t value) {
    return multiply((value - in.zero_point) << in.left_shift, in.multiplier);
  }
  uint8_t operator()(uint8_t x, uint8_t y) const {
    const int32_t sum = term(a, x ^ output.flip) + term(b, y ^ output.flip);
    const int32_t value = multiply(sum, scale) + output.zero_point;
    return static_cast<uint8_t>(std::clamp<int32_t>(value, output.least, output.most) ^ output.flip);
  }
};

// Scales of a network, extreme ones, and some whose results lie halfway between two numbers again and again.
const Scales kScales[] = {{0.3583, 0.4733, 0.5035},
                          {0.3583, 0.3583, 0.3583},
                          {0.25, 0.5, 0.5},
                          {0.5, 0.25, 1},
                          {0.0123, 0.1, 0.0917},
                          {0.1, 1e-4, 0.1},
                          {1, 30, 9},
                          {1, 1, 0.01},
                          {0.7, 0.9, 1.7},
                          {1, 0.02, 77},
                          {1, 3, 1e-4}};

TEST(ElementwiseQ8, AddsEveryPairAsTheFormula) {
  std::vector<uint8_t> a(65536), b(65536), out(65536);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<uint8_t>(i >> 8), b[i] = static_cast<uint8_t>(i);
  for (const Scales& scales : kScales) {
    for (const bool is_signed : {false, true}) {
      const Sum expected(scales, is_signed);
      const SumQ8 sum = sum_q8(expected.a, expected.b, expected.scale, expected.output);
      for (const ElementwiseQ8Kernel& kernel : elementwise_q8_kernels()) {
        if (!covers(usable_isa(), kernel.needs)) continue;
        kernel.add({a.data(), b.data(), 65536, &sum, out.data()});
        for (size_t i = 0; i < a.size(); ++i) {
          ASSERT_EQ(out[i], expected(a[i], b[i])) << kernel.name << " of " << int{a[i]} << " and " << int{b[i]}
                                                  << ", scales " << scales.a << ' ' << scales.b << ' ' << scales.out;
        }
      }
    }
  }
}

TEST(ElementwiseQ8, EstimatesSumsOfUsualScalesOnly) {
  const auto doubt = [](const Scales& scales) {
    const Sum s(scales, false);
    return sum_q8(s.a, s.b, s.scale, s.output).estimate.doubt;
  };
  EXPECT_GT(doubt({0.3583, 0.4733, 0.5035}), 0);
  EXPECT_LT(doubt({0.3583, 0.4733, 0.5035}), 32);
  EXPECT_EQ(doubt({1, 3, 1e-4}), 0);  // far beyond 32 bits
}

TEST(ElementwiseQ8, AddsAnyNumberOfElementsInPlace) {
  const Sum expected(kScales[0], true);
  const SumQ8 sum = sum_q8(expected.a, expected.b, expected.scale, expected.output);
  for (const ElementwiseQ8Kernel& kernel : elementwise_q8_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (int count = 0; count <= 200; ++count) {
      std::vector<uint8_t> a(static_cast<size_t>(count) + 1, 77), b(static_cast<size_t>(count) + 1);
      for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<uint8_t>(i * 37);
      kernel.add({a.data(), b.data(), count, &sum, a.data()});
      for (size_t i = 0; i < b.size() - 1; ++i) ASSERT_EQ(a[i], expected(77, b[i])) << kernel.name << ' ' << count;
      EXPECT_EQ(a.back(), 77) << kernel.name << " wrote behind " << count;
    }
  }
}

TEST(ElementwiseQ8, MultipliesEveryPairAsTheFormula) {
  std::vector<uint8_t> a(65536), b(65536), out(65536);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<uint8_t>(i >> 8), b[i] = static_cast<uint8_t>(i);
  for (const double scale : {1e-9, 0.00012, 0.0039, 0.25, 0.5, 0.77, 1.0, 3.0, 1000.0}) {
    for (const bool is_signed : {false, true}) {
      const auto flip = static_cast<uint8_t>(is_signed ? 0x80 : 0);
      const OutputQ8 output{126, 2, 253, flip};
      const Multiplier multiplier = quantize_multiplier(scale);
      RequantizeQ8 block{};
      for (int lane = 0; lane < 16; ++lane) set_requantize_q8(block, lane, 0, multiplier, output.zero_point);
      for (const ElementwiseQ8Kernel& kernel : elementwise_q8_kernels()) {
        if (!covers(usable_isa(), kernel.needs)) continue;
        kernel.mul({a.data(), b.data(), 65536, 119, 131, flip, &block, output, out.data()});
        for (size_t i = 0; i < a.size(); ++i) {
          const int32_t value = multiply(((a[i] ^ flip) - 119) * ((b[i] ^ flip) - 131), multiplier) + output.zero_point;
          ASSERT_EQ(out[i], std::clamp<int32_t>(value, output.least, output.most) ^ flip)
              << kernel.name << " of " << int{a[i]} << " and " << int{b[i]} << ", scale " << scale;
        }
      }
    }
  }
}

TEST(ElementwiseQ8, LooksUpAnyNumberOfElements) {
  alignas(64) uint8_t table[256];
  for (int i = 0; i < 256; ++i) table[i] = static_cast<uint8_t>(i * 167 + 13);
  for (const ElementwiseQ8Kernel& kernel : elementwise_q8_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (int count = 0; count <= 300; ++count) {
      std::vector<uint8_t> in(static_cast<size_t>(count)), out(static_cast<size_t>(count) + 1, 77);
      for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<uint8_t>(i + 3);
      kernel.lookup({in.data(), count, table, out.data()});
      for (size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], table[in[i]]) << kernel.name << ' ' << count;
      EXPECT_EQ(out.back(), 77) << kernel.name << " wrote behind " << count;
    }
  }
}

}  // namespace
}  // namespace monolite::kernels
