#include "ops/sparse.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ops/work.h"

namespace monolite::ops {
namespace {

constexpr size_t kMostLevels = 16;

// The tensor's dimensions as levels: first each one (of blocks, where it is cut), then the insides of the blocks.
class Levels {
 public:
  Levels(const Sparsity& s, const Shape& shape) : s_(s), shape_(shape), rank_(static_cast<size_t>(shape.rank())) {}

  // What is wrong with the lists where `stored` elements are there; "" where nothing is.
  std::string fault(int64_t stored) {
    const size_t levels = s_.traversal_order.size();
    if (rank_ == 0 || levels != rank_ + s_.block_map.size() || levels > kMostLevels || levels != s_.dimensions.size()) {
      return fmt::format("{} levels for {} dimensions, {} of them in blocks", levels, rank_, s_.block_map.size());
    }
    if (std::string order = order_fault(); !order.empty()) return order;
    if (std::string blocks = find_extents(); !blocks.empty()) return blocks;
    int64_t positions = 1;  // of the levels so far
    for (size_t level = 0; level < levels; ++level) {
      if (std::string bad = level_fault(level, positions); !bad.empty()) return bad;
      const Sparsity::Dimension& d = s_.dimensions[level];
      positions = d.is_sparse ? static_cast<int64_t>(d.indices.size()) : saturated_product({positions, d.dense_size});
    }
    return positions <= stored ? "" : fmt::format("{} elements, of which {} are stored", positions, stored);
  }

  // Calls with each stored element's place.
  template <class Call>
  void visit(const Call& call) {
    find_extents();
    index_.assign(s_.traversal_order.size(), 0);
    visit(0, 0, call);
  }

 private:
  std::string order_fault() const {
    std::vector<bool> seen(s_.traversal_order.size());
    for (size_t i = 0; i < s_.traversal_order.size(); ++i) {
      const auto d = static_cast<size_t>(s_.traversal_order[i]);
      if (s_.traversal_order[i] < 0 || d >= seen.size() || seen[d] || (d < rank_) != (i < rank_)) {
        return fmt::format("entry {} of the traversal order is {}", i, s_.traversal_order[i]);
      }
      seen[d] = true;
    }
    for (size_t b = 0; b < s_.block_map.size(); ++b) {
      const int32_t d = s_.block_map[b];
      if (d < 0 || static_cast<size_t>(d) >= rank_ || (b > 0 && d <= s_.block_map[b - 1])) {
        return fmt::format("entry {} of the block map is {}", b, d);
      }
    }
    return {};
  }

  // The extent of each level's dimension: how many blocks or elements there are, or how long a block is.
  std::string find_extents() {
    extents_.assign(s_.traversal_order.size(), 0);
    for (size_t d = 0; d < rank_; ++d) extents_[d] = shape_[static_cast<int>(d)];
    for (size_t b = 0; b < s_.block_map.size(); ++b) {
      const auto level = static_cast<size_t>(
          std::find(s_.traversal_order.begin(), s_.traversal_order.end(), static_cast<int32_t>(rank_ + b)) -
          s_.traversal_order.begin());
      const int32_t size = s_.dimensions[level].dense_size;
      int64_t& whole = extents_[static_cast<size_t>(s_.block_map[b])];
      if (s_.dimensions[level].is_sparse || size < 1 || whole % size != 0) {
        return fmt::format("blocks of {} along dimension {} of {}", size, s_.block_map[b], to_string(shape_));
      }
      whole /= size;
      extents_[rank_ + b] = size;
    }
    return {};
  }

  std::string level_fault(size_t level, int64_t before) const {
    const Sparsity::Dimension& d = s_.dimensions[level];
    const int64_t extent = extents_[static_cast<size_t>(s_.traversal_order[level])];
    if (!d.is_sparse) {
      return d.dense_size == extent ? "" : fmt::format("level {} of {} positions, not {}", level, d.dense_size, extent);
    }
    if (static_cast<int64_t>(d.segments.size()) != before + 1 || d.segments[0] != 0 ||
        !std::is_sorted(d.segments.begin(), d.segments.end()) ||
        static_cast<size_t>(d.segments.back()) != d.indices.size()) {
      return fmt::format("the segments of level {} do not list its {} positions", level, d.indices.size());
    }
    const bool is_inside =
        std::all_of(d.indices.begin(), d.indices.end(), [&](int32_t i) { return i >= 0 && i < extent; });
    return is_inside ? "" : fmt::format("level {} names a position beyond {}", level, extent);
  }

  template <class Call>
  void visit(size_t level, int64_t before, const Call& call) {
    if (level == s_.dimensions.size()) return call(place());
    const Sparsity::Dimension& d = s_.dimensions[level];
    int64_t& here = index_[static_cast<size_t>(s_.traversal_order[level])];
    if (!d.is_sparse) {
      for (here = 0; here < d.dense_size; ++here) visit(level + 1, before * d.dense_size + here, call);
      return;
    }
    const auto segment = static_cast<size_t>(before);
    for (int32_t i = d.segments[segment]; i < d.segments[segment + 1]; ++i) {
      here = d.indices[static_cast<size_t>(i)];
      visit(level + 1, i, call);
    }
  }

  int64_t place() const {
    int64_t flat = 0;
    size_t block = 0;
    for (size_t d = 0; d < rank_; ++d) {
      int64_t i = index_[d];
      if (block < s_.block_map.size() && static_cast<size_t>(s_.block_map[block]) == d) {
        i = i * extents_[rank_ + block] + index_[rank_ + block];
        ++block;
      }
      flat = flat * shape_[static_cast<int>(d)] + i;
    }
    return flat;
  }

  const Sparsity& s_;
  const Shape& shape_;
  size_t rank_;
  std::vector<int64_t> extents_, index_;  // by dimension, then by block
};

}  // namespace

Expected<void> check_sparsity(const NodeView& n, int input) {
  const Tensor& t = n.input(input);
  const int64_t stored = static_cast<int64_t>(t.data.size_bytes()) / size_bytes(t.dtype);
  const std::string fault = Levels(*t.sparsity, n.shape(input)).fault(stored);
  if (fault.empty()) return {};
  return Unexpected(n.fail_input(input, fault, "a sparse constant of " + to_string(n.shape(input)),
                                 "the file was cut, edited or damaged; convert it again"));
}

void for_each_stored(const NodeView& n, int input, const std::function<void(int64_t, int64_t)>& call) {
  int64_t stored = 0;
  Levels(*n.input(input).sparsity, n.shape(input)).visit([&](int64_t element) { call(element, stored++); });
}

}  // namespace monolite::ops
