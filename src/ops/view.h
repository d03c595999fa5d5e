#pragma once
// Tensors seen with other extents and strides: what ops that only move elements are made of.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/expected.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Element (i0, i1, …) lies at offset + i0 * strides[0] + i1 * strides[1] + …, counted in elements. A stride may be
// negative (backwards) or 0 (the same elements again).
struct View {
  std::vector<int64_t> extents, strides;
  int64_t offset = 0;

  // All elements of a row-major tensor. The extents may also be another factoring of its shape.
  static View dense(std::vector<int64_t> extents);
  static View dense(const Shape& shape);

  int rank() const { return static_cast<int>(extents.size()); }

  // Of one dimension: `count` elements from `begin` on, `step` apart.
  View take(int axis, int64_t begin, int64_t count, int64_t step = 1) const;
  // The slice at `index` of one dimension, which goes.
  View at(int axis, int64_t index) const;
  // Dimension i of the result is dimension order[i] of this view.
  View permuted(const std::vector<int>& order) const;
};

// One loop over two views at once; steps are counted in elements.
struct ViewLoop {
  int64_t count, in, out;
};

// The fewest loops that visit both views, outermost first: extents of 1 go, and neighbours that continue each other
// become one. The views have the same extents.
std::vector<ViewLoop> view_loops(const View& from, const View& to);

// Copies the elements of one view to those of another with the same extents. An element has `size` bytes: 1, 2, 4 or 8.
// The elements read and those written do not overlap.
void copy_view(const std::byte* in, const View& from, std::byte* out, const View& to, int size);

// Sets every element of a view to the one at `value`.
void fill_view(const std::byte* value, std::byte* out, const View& to, int size);

// Is the type of input i one whose elements `copy_view` moves: any of 1, 2, 4 or 8 bytes?
Expected<void> expect_movable(const NodeView& n, int i);

// Where the type of input i may be quantized (uint8, int8, int16): do its numbers mean the same as those of `output`?
Expected<void> expect_same_mapping(const NodeView& n, int i, int output);

// The dimension that `axis` names in a tensor of `rank` dimensions; negative ones count from the end.
Expected<int> axis_of(const NodeView& n, int64_t axis, int rank);

}  // namespace monolite::ops
