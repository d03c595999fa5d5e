#pragma once
// How rows of work are cut into pieces for threads.

#include <algorithm>
#include <cstdint>

namespace monolite::runtime {

struct Pieces {
  int64_t count, rows;  // rows of each, of the last perhaps fewer
};

// Some pieces for each thread, so that a late one delays little, none of fewer than least_rows unless there are fewer,
// none of more than most_rows. One thread has pieces of most_rows.
inline Pieces pieces_of(int64_t rows, int64_t least_rows, int64_t most_rows, int threads) {
  constexpr int64_t kPerThread = 4;
  const int64_t wanted = threads > 1 ? (rows + kPerThread * threads - 1) / (kPerThread * threads) : rows;
  const int64_t size = std::clamp(wanted, std::min(least_rows, rows), std::max<int64_t>(1, most_rows));
  return {(rows + size - 1) / std::max<int64_t>(1, size), size};
}

}  // namespace monolite::runtime
