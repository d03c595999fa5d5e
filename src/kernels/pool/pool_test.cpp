#include "kernels/pool/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "kernels/pool/select.h"

namespace monolite::kernels {
namespace {

template <class F>
void for_each_kernel(const F& f) {
  for (const PoolKernel& kernel : pool_kernels()) {
    if (covers(usable_isa(), kernel.needs)) f(kernel);
  }
}

// A picture of one row more and some elements more in each than the window has.
template <class T>
struct Picture {
  std::vector<T> elements;
  WindowArgs<T> window;

  Picture(int64_t rows, int64_t columns, int64_t channels)
      : elements(static_cast<size_t>((rows + 1) * (columns * channels + 5))),
        window{elements.data(), columns * channels + 5, channels, rows, columns, channels} {}

  // All elements of channel c.
  std::vector<T> of(int64_t c) const {
    std::vector<T> all;
    for (int64_t y = 0; y < window.rows; ++y) {
      for (int64_t x = 0; x < window.columns; ++x) {
        all.push_back(window.in[y * window.row_stride + x * window.pixel_stride + c]);
      }
    }
    return all;
  }
};

int32_t rounded_quotient(int64_t sum, int64_t count) {
  return static_cast<int32_t>(sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count);
}

void expect_bytes(int64_t rows, int64_t columns, int64_t channels, uint8_t flip, bool extreme) {
  std::mt19937 random(static_cast<uint32_t>(rows * 100 + channels));
  Picture<uint8_t> p(rows, columns, channels);
  for (uint8_t& b : p.elements) b = extreme ? static_cast<uint8_t>(0xFF ^ flip) : static_cast<uint8_t>(random());
  const int32_t least = flip != 0 ? -100 : 20, most = flip != 0 ? 127 : 250;
  for_each_kernel([&](const PoolKernel& kernel) {
    std::vector<uint8_t> average(static_cast<size_t>(channels + 9), 77), largest = average;
    std::vector<int32_t> sums(static_cast<size_t>(channels + 9), 77);
    kernel.average_q8({p.window, flip, least, most, average.data()});
    kernel.largest_q8({p.window, flip, least, most, largest.data()});
    kernel.sum_q8({p.window, flip, sums.data()});
    for (int64_t c = 0; c < channels; ++c) {
      int64_t sum = 0;
      int32_t top = -128;
      for (const uint8_t b : p.of(c)) {
        const int32_t value = flip != 0 ? static_cast<int8_t>(b) : b;
        sum += value;
        top = std::max(top, value);
      }
      const auto i = static_cast<size_t>(c);
      ASSERT_EQ(sums[i], sum) << kernel.name;
      ASSERT_EQ(average[i], static_cast<uint8_t>(std::clamp(rounded_quotient(sum, rows * columns), least, most)))
          << kernel.name << ", sum " << sum << " of " << rows * columns;
      ASSERT_EQ(largest[i], static_cast<uint8_t>(std::clamp(top, least, most))) << kernel.name;
    }
    for (auto i = static_cast<size_t>(channels); i < average.size(); ++i) {
      EXPECT_TRUE(average[i] == 77 && largest[i] == 77 && sums[i] == 77) << "written behind the end, " << kernel.name;
    }
  });
}

TEST(Pool, OfBytesIsTheFormula) {
  for (const uint8_t flip : {uint8_t{0}, uint8_t{0x80}}) {
    for (const int64_t channels : {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 130}) {
      for (const auto& [rows, columns] :
           {std::pair<int64_t, int64_t>{1, 1}, {1, 2}, {2, 2}, {3, 3}, {7, 7}, {33, 33}}) {
        expect_bytes(rows, columns, channels, flip, false);
      }
    }
    expect_bytes(2048, 2048, 1, flip, true);  // kMostPooledQ8 of the largest
    expect_bytes(257, 257, 4, flip, true);
  }
}

TEST(Pool, OfFloatsIsTheFormula) {
  for (const int64_t channels : {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 130}) {
    for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 1}, {2, 2}, {3, 3}, {7, 7}}) {
      std::mt19937 random(1);
      Picture<float> p(rows, columns, channels);
      for (float& x : p.elements) x = std::uniform_real_distribution<float>(-2, 2)(random);
      for_each_kernel([&, rows = rows, columns = columns](const PoolKernel& kernel) {
        std::vector<float> average(static_cast<size_t>(channels + 9), 77), largest = average;
        kernel.average_f32({p.window, -1, 1, average.data()});
        kernel.largest_f32({p.window, -1, 1, largest.data()});
        for (int64_t c = 0; c < channels; ++c) {
          float sum = 0, top = -9;
          for (const float x : p.of(c)) {
            sum += x;
            top = std::max(top, x);
          }
          const auto i = static_cast<size_t>(c);
          ASSERT_EQ(average[i], std::clamp(sum / static_cast<float>(rows * columns), -1.0F, 1.0F)) << kernel.name;
          ASSERT_EQ(largest[i], std::clamp(top, -1.0F, 1.0F)) << kernel.name;
        }
        for (auto i = static_cast<size_t>(channels); i < average.size(); ++i) {
          EXPECT_TRUE(average[i] == 77 && largest[i] == 77) << "written behind the end, " << kernel.name;
        }
      });
    }
  }
}

}  // namespace
}  // namespace monolite::kernels
