#include "kernels/gemm_q8/gemm_q8.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <random>

#include "kernels/gemm_q8/packed_q8.h"
#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {
namespace {

struct Problem {
  int rows, channels, segments, elements;
  bool rectified = true;
  bool is_signed = false;
  int shift = -9;
  int filter_zero_point = 128;  // with any other, some weights pass 8 bits
  bool extreme = false;         // bytes and weights at the ends of their ranges
  bool has_one_scale = false;   // for all channels
};

// A product with random values, and what the formula says of it.
class Case {
 public:
  explicit Case(const Problem& p) : p_(p), random_(static_cast<uint32_t>(p.rows * 31 + p.channels * 7 + p.elements)) {
    stride_ = p.elements + 5;
    a_.resize(static_cast<size_t>((p.rows + 1) * stride_ * p.segments + 8));
    for (auto& v : a_) v = static_cast<uint8_t>(random_());
    filter_.resize(static_cast<size_t>(p.channels * p.segments * p.elements));
    const int least = std::max(0, 2 * p.filter_zero_point - 255), most = std::min(255, 2 * p.filter_zero_point);
    for (auto& w : filter_) w = static_cast<uint8_t>(uniform(0, 50) == 0 ? random_() : uniform(least, most));
    if (p.extreme) {
      for (auto& v : a_) v = v % 2 != 0 ? 255 : 0;
      for (auto& w : filter_) w = static_cast<uint8_t>(std::array{0, 1, 255}[static_cast<size_t>(uniform(0, 2))]);
    }
    weights_ = {filter_, flip(), p.filter_zero_point};
    for (int c = 0; c < p.channels; ++c) {
      bias_.push_back(uniform(-20000, 20000));
      multipliers_.push_back({uniform(1 << 30, INT32_MAX), p.shift - uniform(0, 3)});
    }
    if (p.channels > 2) multipliers_[1] = {1 << 30, multipliers_[1].shift};
    if (p.has_one_scale) multipliers_.assign(multipliers_.size(), multipliers_[0]);
    if (p.channels > 4) multipliers_[3] = {};  // a dead channel
    output_.zero_point = p.rectified ? 3 : 120;
    output_.least = p.rectified ? 3 : 10;
    output_.most = 250;
    output_.flip = p.is_signed ? 0x80 : 0;
    zero_point_ = uniform(0, 255);
  }

  std::vector<uint8_t> expected() const {
    std::vector<uint8_t> out;
    for (int r = 0; r < p_.rows; ++r) {
      for (int c = 0; c < p_.channels; ++c) {
        int32_t acc = bias_[static_cast<size_t>(c)];
        for (int s = 0; s < p_.segments; ++s) {
          for (int k = 0; k < p_.elements; ++k) {
            const int a = (segment(s)[r * stride_ + k] ^ flip()) - zero_point_;
            acc += a * weights_[static_cast<size_t>((c * p_.segments + s) * p_.elements + k)];
          }
        }
        const int32_t value = multiply(acc, multipliers_[static_cast<size_t>(c)]) + output_.zero_point;
        out.push_back(static_cast<uint8_t>(std::clamp<int32_t>(value, output_.least, output_.most) ^ output_.flip));
      }
    }
    return out;
  }

  std::vector<uint8_t> computed(const GemmQ8Kernel& kernel) const {
    const PackedQ8 packed(kernel, weights_, p_.channels, p_.segments, p_.elements, bias_, zero_point_, multipliers_,
                          output_);
    std::vector<const uint8_t*> segments;
    for (int s = 0; s < p_.segments; ++s) segments.push_back(segment(s));
    std::vector<uint8_t> out(static_cast<size_t>(p_.rows * p_.channels) + 64, 77);
    for (const PanelQ8& panel : packed.panels()) {
      GemmQ8Args args{};
      args.segments = segments.data();
      args.segment_count = p_.segments;
      args.groups = packed.groups();
      args.row_stride = stride_;
      args.rows = p_.rows;
      args.flip = flip();
      args.out = out.data() + panel.first_channel;
      args.out_stride = p_.channels;
      args.output = output_;
      kernel.run(panel, args);
    }
    for (size_t i = out.size() - 64; i < out.size(); ++i) EXPECT_EQ(out[i], 77) << "written behind the end";
    out.resize(out.size() - 64);
    return out;
  }

 private:
  int32_t uniform(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(random_); }
  const uint8_t* segment(int s) const { return a_.data() + s * stride_ * (p_.rows + 1); }
  uint8_t flip() const { return p_.is_signed ? 0x80 : 0; }

  Problem p_;
  std::mt19937 random_;
  int64_t stride_;
  std::vector<uint8_t> a_;
  std::vector<uint8_t> filter_;
  WeightsQ8 weights_;
  std::vector<int32_t> bias_;
  std::vector<Multiplier> multipliers_;
  OutputQ8 output_;
  int32_t zero_point_;
};

void expect_equal_on_all(const Problem& p) {
  const Case c(p);
  const auto expected = c.expected();
  for (const GemmQ8Kernel& kernel : gemm_q8_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    EXPECT_EQ(c.computed(kernel), expected)
        << kernel.name << ' ' << p.rows << 'x' << p.channels << 'x' << p.segments << 'x' << p.elements << " rectified "
        << p.rectified << " signed " << p.is_signed << " zero point " << p.filter_zero_point;
  }
}

TEST(GemmQ8, EqualsTheFormulaAroundTheTiles) {
  for (const int rows : {0, 1, 2, 5, 6, 7, 8, 9, 11, 12, 13, 25}) {
    for (const int channels : {1, 3, 15, 16, 17, 31, 33, 48, 50, 63, 64, 65, 80, 145}) {
      expect_equal_on_all({rows, channels, 1, 20});
      expect_equal_on_all({rows, channels, 1, 20, false, false, -9, 60});
      expect_equal_on_all({rows, channels, 1, 20, true, false, -6, 128, false, true});
    }
  }
}

TEST(GemmQ8, EqualsTheFormulaForAllDepths) {
  for (const int elements : {1, 2, 3, 4, 5, 8, 9, 12, 16, 24, 32, 63, 64, 65, 320}) {
    expect_equal_on_all({13, 70, 1, elements});
    expect_equal_on_all({13, 64, 1, elements, true, true, -9, 200});
    expect_equal_on_all({13, 70, 3, elements, false, true});
    expect_equal_on_all({13, 70, 2, elements, false, true, -9, 0});
    expect_equal_on_all({13, 70, 1, elements, true, false, -8, 128, false, true});
    expect_equal_on_all({13, 64, 1, elements, true, true, -8, 128, false, true});
  }
}

TEST(GemmQ8, ProductsAtTheEndsOfTheirRangesPassNoRegister) {
  for (const bool is_signed : {false, true}) {
    for (const int elements : {4, 8, 12, 64}) {
      expect_equal_on_all({13, 40, 1, elements, false, is_signed, -11, 128, true});
      expect_equal_on_all({13, 40, 1, elements, false, is_signed, -11, 126, true});
    }
  }
}

// Otherwise the tests above would not reach what they are for.
TEST(GemmQ8, UsualLayersSumInFloats) {
  const std::vector<uint8_t> filter(size_t{64} * 24, 228);
  std::vector<Multiplier> multipliers(64, Multiplier{1518500250, -8});
  const auto ending = [&](int least) {
    const PackedQ8 packed(gemm_q8_kernels()[0], {filter, 0, 128}, 64, 1, 24, {}, 120, multipliers,
                          {3, static_cast<uint8_t>(least), 255, 0});
    return packed.panels()[0].ending;
  };
  EXPECT_EQ(ending(0), EndingQ8::floating);
  EXPECT_EQ(ending(3), EndingQ8::certain_rectified);
  multipliers[5].shift = -7;
  EXPECT_EQ(ending(3), EndingQ8::floating_rectified);
}

TEST(GemmQ8, EqualsTheFormulaForSignedBytesAndAllShifts) {
  for (const int shift : {8, 1, 0, -1, -2, -4, -6, -7, -9, -10, -13, -15, -19, -26}) {
    expect_equal_on_all({14, 40, 2, 12, false, true, shift});
    expect_equal_on_all({14, 70, 2, 12, true, false, shift});
  }
}

// Estimates as kernels make them, against the definition, for every accumulator near a change of the result.
TEST(RequantizeQ8, EstimatesOutOfDoubtAreRightAndOthersGiveTheirAccumulatorBack) {
  int doubts[2] = {};
  for (const int e : {0, 1, 2, 5, 9, 13}) {
    for (const int32_t mantissa : {1 << 30, (1 << 30) + 1, (1 << 30) + 63, 1518500250, 2000000011, INT32_MAX}) {
      for (const int32_t zero_point : {0, 3, 128, 255}) {
        RequantizeQ8 block{};
        set_requantize_q8(block, 0, 0, {mantissa, -e}, zero_point);
        for (int result = -2; result <= 258; ++result) {
          const auto middle = static_cast<int32_t>(std::ldexp(result - zero_point - 0.5, 31 + e) / mantissa);
          for (int32_t acc = middle - 4; acc <= middle + 4; ++acc) {
            const auto check = [&](float y, EndingQ8 ending) {
              const auto q = static_cast<int32_t>(std::lrint(y)) - (acc < 0 ? block.drop[0] : 0);
              if ((q & 0xFFFF) >= kDoubt) {
                ASSERT_EQ(std::clamp(q >> 16, 0, 255), std::clamp<int64_t>(rescaled_q8(acc, block, 0), 0, 255))
                    << acc << ' ' << e << ' ' << mantissa << ' ' << zero_point;
              } else {
                ++doubts[has_float_sums(ending)];
                ASSERT_EQ(accumulator_of(q, ending, block, 0), acc) << e << ' ' << mantissa;
              }
            };
            check(std::fma(static_cast<float>(acc), block.scale[0], block.offset[0]), EndingQ8::estimated);
            if (std::isnan(block.float_offset[0])) continue;
            if (std::abs(acc) + (block.float_zero[0] - 0x4B400000) >= 1 << 22) continue;
            const auto sum = std::bit_cast<float>(block.float_start[0] + acc);
            check(std::fma(sum, block.scale[0], block.float_offset[0]), EndingQ8::floating);
          }
        }
      }
    }
  }
  EXPECT_GT(doubts[0], 0);
  EXPECT_GT(doubts[1], 0);
}

// What is said to be certain, for every accumulator up to results of 300.
TEST(RequantizeQ8, CertainEstimatesAreRight) {
  int found = 0;
  for (const int e : {2, 5, 7, 8, 9, 10}) {
    for (const int32_t mantissa : {1 << 30, (1 << 30) + 63, 1518500250, 2000000011, INT32_MAX}) {
      for (const int32_t zero_point : {0, 3, 128}) {
        const int64_t reach = std::min<int64_t>(20000 << e, 1 << 21);
        RequantizeQ8 blocks[1]{};
        EndingOfQ8 ending;
        set_requantize_q8(blocks[0], 7, -5, {mantissa, -e}, zero_point);
        ending.add(Multiplier{mantissa, -e}, reach, blocks[0], 7);
        const OutputQ8 output{zero_point, static_cast<uint8_t>(zero_point)};
        if (ending.finish(output, blocks) != EndingQ8::certain_rectified) continue;
        ++found;
        const RequantizeQ8& b = blocks[0];
        for (int64_t acc = -300; acc <= std::min<int64_t>(reach, 300 << e); ++acc) {
          const auto sum = std::bit_cast<float>(static_cast<int32_t>(b.float_start[7] + 5 + acc));
          const auto q = std::lrint(std::fma(sum, b.scale[7], b.float_offset[7]));
          ASSERT_EQ(std::clamp<int64_t>(q >> 16, zero_point, 255),
                    std::clamp<int64_t>(rescaled_q8(static_cast<int32_t>(acc), b, 7), zero_point, 255))
              << acc << ' ' << e << ' ' << mantissa << ' ' << zero_point;
        }
      }
    }
  }
  EXPECT_GT(found, 30);
}

// With wide doubt: any right shift, any accumulator.
TEST(RequantizeQ8, EstimatesOutOfWideDoubtAreRight) {
  int64_t doubts = 0, tried = 0;
  for (const int e : {0, 1, 5, 13, 14, 15, 16, 17, 18, 20, 22, 23, 24, 31}) {
    for (const int32_t mantissa : {1 << 30, (1 << 30) + 1, (1 << 30) + 63, 1518500250, 2000000011, INT32_MAX}) {
      for (const int32_t zero_point : {0, 3, 128, 255}) {
        RequantizeQ8 block{};
        set_requantize_q8(block, 0, 0, {mantissa, -e}, zero_point);
        widen_doubt_q8(block);
        const auto check = [&](int64_t acc64) {
          if (acc64 < INT32_MIN || acc64 > INT32_MAX) return;
          const auto acc = static_cast<int32_t>(acc64);
          const auto y = std::fma(static_cast<float>(acc), block.scale[0], block.offset[0]);
          const auto q = static_cast<int32_t>(std::lrint(std::clamp(y, kLeastEstimate, kMostEstimate))) -
                         (acc < 0 ? block.drop[0] : 0);
          ++tried;
          if ((q & 0xFFFF) < kWideDoubt) {
            ++doubts;
            return;
          }
          ASSERT_EQ(std::clamp(q >> 16, 0, 255), std::clamp<int64_t>(rescaled_q8(acc, block, 0), 0, 255))
              << acc << ' ' << e << ' ' << mantissa << ' ' << zero_point;
        };
        for (int result = -2; result <= 258; ++result) {
          const auto middle = static_cast<int64_t>(std::ldexp(result - zero_point - 0.5, 31 + e) / mantissa);
          for (int64_t d = -9; d <= 9; ++d) check(middle + d * (int64_t{1} << std::max(0, e - 15)));
        }
        for (const int64_t acc : {int64_t{INT32_MIN}, int64_t{INT32_MAX}, int64_t{0}, int64_t{-1}}) check(acc);
      }
    }
  }
  EXPECT_GT(doubts, 0);
  EXPECT_LT(doubts, tried / 2);
}

TEST(RequantizeQ8, RoundsOnceAsRealNumbersDo) {
  std::mt19937 random(5);
  std::vector<double> scales = {0.5, 0.25, 0.125, 1.0 / 1024, 3.0 / 1024};
  for (int i = 0; i < 300; ++i) scales.push_back(std::ldexp(0.5 + random() / 8.6e9, -static_cast<int>(random() % 24)));
  int found = 0;
  for (const double scale : scales) {
    for (const int32_t zero_point : {0, 3, 128, 255}) {
      const auto pair = rounded_once_q8(scale, zero_point);
      if (!pair) continue;
      ++found;
      RequantizeQ8 block{};
      set_rounded_once_q8(block, 1, 0, *pair, zero_point);
      for (int half = -520; half <= 520; ++half) {
        const auto middle = static_cast<int64_t>(half / 2.0 / scale);
        for (int64_t acc = middle - 3; acc <= middle + 3; ++acc) {
          if (acc < INT32_MIN || acc > INT32_MAX) continue;
          const double exact = std::round(static_cast<double>(acc) * scale) + zero_point;
          ASSERT_EQ(requantize_q8(static_cast<int32_t>(acc), block, 1, {zero_point, 0, 255, 0}),
                    static_cast<int>(std::clamp(exact, 0.0, 255.0)))
              << acc << ' ' << scale << ' ' << zero_point;
        }
      }
    }
  }
  EXPECT_GT(found, 600);
  EXPECT_FALSE(rounded_once_q8(1.5, 0));
  EXPECT_FALSE(rounded_once_q8(0, 0));
}

TEST(RequantizeQ8, IsTheTwoRoundingsForTies) {
  for (const int e : {0, 1, 2, 5, 23, 24, 31}) {
    for (const int32_t mantissa : {1 << 30, (1 << 30) + 1, INT32_MAX, 1518500250}) {
      RequantizeQ8 block{};
      set_requantize_q8(block, 0, 0, {mantissa, -e}, 128);
      set_requantize_q8(block, 1, 0, {mantissa, -e}, 128);
      const auto check = [&](int64_t acc64) {
        const auto acc = static_cast<int32_t>(std::clamp<int64_t>(acc64, INT32_MIN, INT32_MAX));
        const int64_t exact = int64_t{multiply(acc, Multiplier{mantissa, -e})} + 128;
        const auto want = static_cast<uint8_t>(std::clamp<int64_t>(exact, 0, 255));
        for (int lane = 0; lane < 2; ++lane)
          ASSERT_EQ(requantize_q8(acc, block, lane, {128, 0, 255, 0}), want) << acc << ' ' << e;
      };
      for (int64_t half = -300; half <= 300; ++half) {  // around each tie
        const auto middle = static_cast<int64_t>(std::ldexp(static_cast<double>(half), 30 + e) / mantissa);
        for (int64_t d = -3; d <= 3; ++d) check(middle + d);
      }
      for (int64_t acc = -3; acc <= 3; ++acc) check(acc);
      check(INT32_MIN);
      check(INT32_MAX);
    }
  }
}

}  // namespace
}  // namespace monolite::kernels
