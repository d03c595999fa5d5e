#include "kernels/depthwise_q8/depthwise_q8.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "kernels/depthwise_q8/packed_depthwise_q8.h"
#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {
namespace {

struct Problem {
  int out_columns, channels;
  int height = 3, width = 3, stride = 1, dilation = 1;
  bool rectified = true, is_signed = false;
  int filter_zero_point = 128;  // with any other, some weights pass 8 bits
  int shift = -6;
  bool extreme = false;        // bytes and weights at the ends of their ranges
  bool has_one_scale = false;  // for all channels
};

class Case {
 public:
  explicit Case(const Problem& p) : p_(p), random_(static_cast<uint32_t>(p.out_columns * 131 + p.channels)) {
    pad_left_ = (p.width - 1) * p.dilation / 2;
    columns_ = (p.out_columns - 1) * p.stride + 1;
    for (int ky = 0; ky <= p.height; ++ky) {
      rows_.emplace_back(static_cast<size_t>(columns_ * p.channels + 64));
      for (auto& v : rows_.back()) v = static_cast<uint8_t>(random_());
    }
    for (int i = 0; i < p.height * p.width * p.channels; ++i) {
      filter_.push_back(static_cast<uint8_t>(random_()));
    }
    if (p.extreme) {
      for (auto& row : rows_) {
        for (auto& v : row) v = v % 2 != 0 ? 255 : 0;
      }
      for (auto& w : filter_) w = static_cast<uint8_t>(std::array{0, 1, 255}[static_cast<size_t>(uniform(0, 2))]);
    }
    weights_ = {filter_, flip(), p.filter_zero_point};
    for (int c = 0; c < p.channels; ++c) {
      bias_.push_back(uniform(-20000, 20000));
      multipliers_.push_back({uniform(1 << 30, INT32_MAX), p.shift - uniform(0, 3)});
    }
    if (p.has_one_scale) multipliers_.assign(multipliers_.size(), multipliers_[0]);
    if (p.channels > 4) multipliers_[3] = {};  // a dead channel
    output_.zero_point = p.rectified ? 0 : 131;
    output_.flip = flip();
  }

  // Output row 0, or row 1, whose window lies one row lower.
  std::vector<uint8_t> expected(int row = 0) const {
    std::vector<uint8_t> out;
    for (int x = 0; x < p_.out_columns; ++x) {
      for (int c = 0; c < p_.channels; ++c) {
        int32_t acc = bias_[static_cast<size_t>(c)];
        for (int ky = 0; ky < p_.height; ++ky) {
          for (int kx = 0; kx < p_.width; ++kx) {
            const int column = x * p_.stride + kx * p_.dilation - pad_left_;
            if (column < 0 || column >= columns_) continue;
            const int value =
                rows_[static_cast<size_t>(ky + row)][static_cast<size_t>(column * p_.channels + c)] ^ flip();
            acc += (value - kZeroPoint) * weights_[static_cast<size_t>((ky * p_.width + kx) * p_.channels + c)];
          }
        }
        const int32_t value = multiply(acc, multipliers_[static_cast<size_t>(c)]) + output_.zero_point;
        out.push_back(static_cast<uint8_t>(std::clamp<int32_t>(value, output_.least, output_.most) ^ output_.flip));
      }
    }
    return out;
  }

  bool has_second_row() const { return p_.height % kRowGroup != 0; }

  // One output row, or both.
  std::vector<std::vector<uint8_t>> computed(const DepthwiseQ8Kernel& kernel, int out_rows) const {
    const PackedDepthwiseQ8 packed(kernel, weights_, p_.height, p_.width, p_.channels, bias_, kZeroPoint, multipliers_,
                                   output_);
    EXPECT_EQ(packed.output_rows(), has_second_row() ? 2 : 1);
    std::vector<std::vector<uint8_t>> out(
        static_cast<size_t>(out_rows),
        std::vector<uint8_t>(static_cast<size_t>(p_.out_columns * p_.channels) + 64, 77));
    std::vector<uint8_t> scratch(
        static_cast<size_t>(depthwise_q8_scratch(packed.row_groups(), p_.width, p_.stride, p_.dilation)) + 64);
    auto* aligned = scratch.data() + (64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64) % 64;
    for (const DepthwiseBlockQ8& block : packed.blocks()) {
      std::vector<const uint8_t*> rows;
      for (int i = 0; i < packed.row_groups() * kRowGroup; ++i) {
        rows.push_back(rows_[static_cast<size_t>(std::min(i, p_.height - 2 + out_rows))].data() + block.first_channel);
      }
      DepthwiseQ8Args a{};
      a.rows = rows.data();
      a.row_groups = packed.row_groups();
      a.pixel_stride = p_.channels;
      a.columns = columns_;
      a.pad_left = pad_left_;
      a.taps = p_.width;
      a.stride = p_.stride;
      a.dilation = p_.dilation;
      a.pad_value = static_cast<uint8_t>(kZeroPoint ^ flip());
      a.flip = flip();
      for (size_t r = 0; r < out.size(); ++r) a.out[r] = out[r].data() + block.first_channel;
      a.out_stride = p_.channels;
      a.out_columns = p_.out_columns;
      a.output = output_;
      a.scratch = aligned;
      kernel.run(block, a);
    }
    for (auto& row : out) {
      for (size_t i = row.size() - 64; i < row.size(); ++i) EXPECT_EQ(row[i], 77) << "written behind the end";
      row.erase(row.end() - 64, row.end());
    }
    return out;
  }

 private:
  static constexpr int kZeroPoint = 119;
  int32_t uniform(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(random_); }
  uint8_t flip() const { return p_.is_signed ? 0x80 : 0; }

  Problem p_;
  std::mt19937 random_;
  int pad_left_, columns_;
  std::vector<std::vector<uint8_t>> rows_;
  std::vector<uint8_t> filter_;
  WeightsQ8 weights_;
  std::vector<int32_t> bias_;
  std::vector<Multiplier> multipliers_;
  OutputQ8 output_;
};

void expect_equal_on_all(const Problem& p) {
  const Case c(p);
  const std::vector<std::vector<uint8_t>> expected{c.expected(0), c.expected(1)};
  for (const DepthwiseQ8Kernel& kernel : depthwise_q8_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (const int out_rows : {1, 2}) {
      if (out_rows == 2 && !c.has_second_row()) continue;
      const auto rows = c.computed(kernel, out_rows);
      for (size_t r = 0; r < rows.size(); ++r) {
        EXPECT_EQ(rows[r], expected[r]) << kernel.name << " row " << r << " of " << out_rows << ", columns "
                                        << p.out_columns << " channels " << p.channels << " window " << p.height << 'x'
                                        << p.width << " stride " << p.stride << " dilation " << p.dilation;
      }
    }
  }
}

TEST(DepthwiseQ8, EqualsTheFormulaAroundTheVectors) {
  for (const int columns : {1, 3, 4, 5, 31, 32, 33, 34, 35, 36, 65, 67}) {
    for (const int channels : {1, 15, 16, 17, 32, 33, 48, 63, 64, 65, 144}) {
      expect_equal_on_all({columns, channels});
      expect_equal_on_all({columns, channels, 3, 3, 1 + channels % 2, 1, true, false, 128, -6, false, true});
    }
  }
}

TEST(DepthwiseQ8, EqualsTheFormulaForAllWindows) {
  for (const int size : {1, 2, 3, 4, 5, 7}) {
    for (const int stride : {1, 2, 3}) {
      for (const int dilation : {1, 2, 5}) {
        expect_equal_on_all({37, 72, size, size, stride, dilation});
        expect_equal_on_all({7, 20, size, 3, stride, dilation, false, true});
      }
    }
  }
}

TEST(DepthwiseQ8, EqualsTheFormulaForAllShifts) {
  for (const int shift : {1, 0, -1, -3, -10, -12, -15, -20, -28}) {
    expect_equal_on_all({70, 72, 3, 3, 1, 1, true, false, 128, shift});
    expect_equal_on_all({70, 144, 3, 3, 2, 1, false, true, 128, shift});
  }
}

TEST(DepthwiseQ8, EqualsTheFormulaForWeightsThatPassEightBits) {
  for (const int zero_point : {0, 100, 255}) {
    expect_equal_on_all({9, 144, 3, 3, 1, 1, true, false, zero_point});
    expect_equal_on_all({9, 144, 5, 5, 2, 1, false, true, zero_point});
  }
}

TEST(DepthwiseQ8, ProductsAtTheEndsOfTheirRangesPassNoRegister) {
  for (const bool is_signed : {false, true}) {
    expect_equal_on_all({33, 72, 3, 3, 1, 1, false, is_signed, 128, -9, true});
    expect_equal_on_all({33, 72, 5, 5, 2, 1, false, is_signed, 126, -9, true});
  }
}

}  // namespace
}  // namespace monolite::kernels
