#include "ops/strided_slice.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kBegin = 1, kEnd = 2, kStrides = 3;
constexpr int kMostEntries = 31;

bool has(int32_t mask, int entry) { return entry < 32 && (static_cast<uint32_t>(mask) >> entry & 1) != 0; }

Expected<void> verify(const NodeView& n, const StridedSlice& a) {
  ML_TRY(n.expect_inputs(4, 4));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  for (const int i : {kBegin, kEnd, kStrides}) {
    ML_TRY(n.expect_dtype(i, {DType::int32}));
    ML_TRY(n.expect_rank(i, 1));
    if (n.shape(i) != n.shape(kBegin) || n.shape(i)[0] > kMostEntries) {
      return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)), "one length for begin, end and strides"));
    }
  }
  if (std::popcount(static_cast<uint32_t>(a.ellipsis_mask)) > 1) {
    return Unexpected(n.fail(fmt::format("ellipsis_mask {:#x}", a.ellipsis_mask), "at most one ellipsis"));
  }
  if (a.offset && (a.ellipsis_mask != 0 || a.new_axis_mask != 0 || n.shape(kBegin)[0] != n.shape(kInput).rank())) {
    return Unexpected(n.fail("offset with an ellipsis, a new axis or open dimensions", "an entry for each dimension"));
  }
  return {};
}

// What a dimension of the sliced tensor comes from.
struct Part {
  int entry = -1;       // of begin, end and strides; -1: the whole dimension
  bool is_new = false;  // an extent of 1 that the input does not have
};

// One Part for each dimension before any is dropped. An ellipsis stands for at least one dimension, as in LiteRT.
Expected<std::vector<Part>> parts(const NodeView& n, const StridedSlice& a) {
  const int entries = n.shape(kBegin)[0], rank = n.shape(kInput).rank();
  int added = 0;
  for (int i = 0; i < entries; ++i) added += has(a.new_axis_mask, i) && !has(a.ellipsis_mask, i) ? 1 : 0;
  const int dims = rank + added;
  std::vector<Part> all;
  int taken = 0;
  for (int entry = 0; static_cast<int>(all.size()) < dims; ++entry) {
    if (entry < entries && has(a.ellipsis_mask, entry)) {
      const int length = std::clamp(dims - entries + 1, 1, dims - static_cast<int>(all.size()));
      all.insert(all.end(), static_cast<size_t>(length), Part{});
      taken += length;
    } else if (entry < entries && has(a.new_axis_mask, entry)) {
      all.push_back({-1, true});
    } else {
      all.push_back({entry < entries ? entry : -1, false});
      ++taken;
    }
  }
  if (taken == rank) return all;
  return Unexpected(n.fail(fmt::format("entries for {} dimensions", taken), fmt::format("{}", rank)));
}

// A dimension's elements: begin, begin + step, … count of them.
struct Run {
  int64_t begin, count, step;
};

// The run of an entry over a dimension of `size` elements.
Expected<Run> run(const NodeView& n, const StridedSlice& a, int entry, int64_t size, bool needs_begin) {
  ML_ASSIGN(const auto ends, n.ints(kEnd));
  ML_ASSIGN(const auto strides, n.ints(kStrides));
  std::vector<int64_t> begins(ends.size());
  if (needs_begin) {
    ML_ASSIGN(begins, n.ints(kBegin));
  }
  const auto k = static_cast<size_t>(entry);
  const int64_t step = strides[k];
  if (step == 0 || step == INT32_MIN) return Unexpected(n.fail_input(kStrides, fmt::format("{}", step), "a stride"));
  const int64_t least = step > 0 ? 0 : -1, most = step > 0 ? size : size - 1;
  const auto bound = [&](int64_t index) { return std::clamp(index < 0 ? index + size : index, least, most); };
  const auto steps = [&](int64_t distance) {
    return std::max<int64_t>(0, (distance + step - (step > 0 ? 1 : -1)) / step);
  };
  int64_t begin = bound(begins[k]);
  if (has(a.begin_mask, entry)) begin = step > 0 ? 0 : size - 1;
  if (has(a.shrink_axis_mask, entry)) return Run{begin, 1, 1};
  if (a.offset) return Run{begin, steps(ends[k]), step};
  int64_t end = bound(ends[k]);
  if (has(a.end_mask, entry)) end = step > 0 ? size : -1;
  return Run{begin, steps(end - begin), step};
}

Expected<Shapes> infer(const NodeView& n, const StridedSlice& a) {
  ML_ASSIGN(const auto all, parts(n, a));
  Shape out;
  int axis = 0;
  for (const Part& p : all) {
    const int32_t size = p.is_new ? 1 : n.shape(kInput)[axis++];
    if (p.entry < 0) {
      out.push_back(size);
      continue;
    }
    ML_ASSIGN(const Run r, run(n, a, p.entry, size, !a.offset));
    if (!has(a.shrink_axis_mask, p.entry)) out.push_back(static_cast<int32_t>(std::min<int64_t>(r.count, INT32_MAX)));
  }
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const StridedSlice& a) {
  ML_ASSIGN(const auto all, parts(n, a));
  View view = View::dense(n.shape(kInput));
  int axis = 0;
  for (const Part& p : all) {
    if (p.is_new) continue;  // changes no element's place
    if (p.entry >= 0) {
      const int64_t size = n.shape(kInput)[axis];
      ML_ASSIGN(const Run r, run(n, a, p.entry, size, true));
      const int64_t last = r.begin + (r.count - 1) * r.step;
      if (r.count > 0 && (r.begin < 0 || r.begin >= size || last < 0 || last >= size)) {
        return Unexpected(n.fail(fmt::format("elements {} to {} of dimension {}", r.begin, last, axis),
                                 fmt::format("elements in [0, {})", size)));
      }
      view = view.take(axis, r.begin, r.count, r.step);
    }
    ++axis;
  }
  return Copies{copy_whole(kInput, view)};
}

}  // namespace

extern const OpDef strided_slice;
const OpDef strided_slice = define<StridedSlice>({.code = OpCode::STRIDED_SLICE,
                                                  .options = "StridedSliceOptions",
                                                  .verify = verify,
                                                  .infer = infer,
                                                  .copies = copies});

}  // namespace monolite::ops
