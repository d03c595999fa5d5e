#include "kernels/copy/copy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "kernels/copy/select.h"

namespace monolite::kernels {
namespace {

struct Steps {
  int64_t row, column, start;
};

// How far apart the elements of a grid lie: row by row, column by column, with gaps, from the end on, all the same one.
std::vector<Steps> ways(int64_t rows, int64_t columns, int64_t size, bool is_input) {
  std::vector<Steps> all = {{columns * size, size, 0},
                            {size, rows * size, 0},
                            {columns * size * 2, size * 2, size},
                            {-columns * size, -size, (rows * columns - 1) * size}};
  if (is_input) all.insert(all.end(), {{0, size, 0}, {size, 0, 0}, {0, 0, 0}});
  return all;
}

void expect_grid(const CopyKernel& kernel, int64_t rows, int64_t columns, int64_t size, bool may_read_behind) {
  std::mt19937 random(1);
  const auto room = static_cast<size_t>(2 * rows * columns * size + 2 * size);
  std::vector<std::byte> in(room + (may_read_behind ? 64 : 0));
  for (std::byte& b : in) b = static_cast<std::byte>(random());
  for (const Steps& from : ways(rows, columns, size, true)) {
    for (const Steps& to : ways(rows, columns, size, false)) {
      std::vector<std::byte> out(room, std::byte{77}), want(room, std::byte{77});
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < columns; ++c) {
          std::memcpy(want.data() + to.start + r * to.row + c * to.column,
                      in.data() + from.start + r * from.row + c * from.column, static_cast<size_t>(size));
        }
      }
      kernel.copy({in.data() + from.start, from.row, from.column, out.data() + to.start, to.row, to.column, rows,
                   columns, size, may_read_behind});
      ASSERT_EQ(out, want) << kernel.name << ", " << rows << "x" << columns << " elements of " << size << " bytes";
    }
  }
}

TEST(Copy, MovesEveryElementAndNothingElse) {
  for (const CopyKernel& kernel : copy_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (const int64_t size : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 64, 100}) {
      for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 1}, {1, 7}, {9, 1}, {3, 5}, {33, 40}}) {
        expect_grid(kernel, rows, columns, size, false);
        expect_grid(kernel, rows, columns, size, true);
      }
    }
  }
}

TEST(Copy, OfNothingDoesNothing) {
  for (const CopyKernel& kernel : copy_kernels()) {
    kernel.copy({nullptr, 1, 1, nullptr, 1, 1, 0, 5, 1, true});
    kernel.copy({nullptr, 1, 1, nullptr, 1, 1, 5, 0, 1, true});
  }
}

}  // namespace
}  // namespace monolite::kernels
