#include "runtime/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <numeric>
#include <vector>

namespace monolite::runtime {
namespace {

int64_t rounded_up(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

bool overlap_in_time(const Block& a, const Block& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

}  // namespace

int64_t lay_out(std::span<Block> blocks) {
  std::vector<size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return blocks[a].size_bytes > blocks[b].size_bytes; });
  std::vector<size_t> placed;  // by offset
  int64_t end = 0;
  for (const size_t i : order) {
    Block& block = blocks[i];
    const int64_t size = rounded_up(block.size_bytes + kReadableBehind);
    int64_t offset = 0;
    for (const size_t p : placed) {
      const Block& other = blocks[p];
      if (!overlap_in_time(block, other)) continue;
      if (offset + size <= other.offset) break;
      offset = std::max(offset, rounded_up(other.offset + other.size_bytes + kReadableBehind));
    }
    block.offset = offset;
    end = std::max(end, offset + size);
    const auto behind = std::upper_bound(placed.begin(), placed.end(), offset,
                                         [&](int64_t at, size_t p) { return at < blocks[p].offset; });
    placed.insert(behind, i);
  }
  return end;
}

Memory::Memory(int64_t size_bytes) : data_(nullptr), size_bytes_(size_bytes) {
  // Pages of 2 MiB where that wastes little: an inference walks through all of a large arena, and so would the machine
  // through its page tables.
  constexpr int64_t kLargePage = int64_t{2} << 20, kLeastLarge = 4 * kLargePage;
  const bool is_large = size_bytes >= kLeastLarge;
  const auto size = static_cast<size_t>(rounded_up(size_bytes) + kReadableBehind);
  const int64_t alignment = is_large ? kLargePage : kAlignment;
  data_ = {static_cast<std::byte*>(::operator new(size, std::align_val_t(alignment))), Free(alignment)};
  if (is_large) ::madvise(data_.get(), size, MADV_HUGEPAGE);  // not everywhere to be had; then the pages are small
}

void Memory::Free::operator()(std::byte* p) const { ::operator delete(p, std::align_val_t(alignment)); }

}  // namespace monolite::runtime
