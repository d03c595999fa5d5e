#include "ops/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace monolite::ops {
namespace {

template <class T>
void run(std::span<const ViewLoop> nest, const T* in, T* out) {
  if (nest.empty()) {
    *out = *in;
    return;
  }
  const ViewLoop loop = nest.front();
  if (nest.size() > 1) {
    for (int64_t i = 0; i < loop.count; ++i) run(nest.subspan(1), in + i * loop.in, out + i * loop.out);
  } else if (loop.in == 1 && loop.out == 1) {
    std::copy_n(in, loop.count, out);
  } else {
    for (int64_t i = 0; i < loop.count; ++i) out[i * loop.out] = in[i * loop.in];
  }
}

template <class T>
void copy_elements(const std::byte* in, const View& from, std::byte* out, const View& to) {
  run<T>(view_loops(from, to), reinterpret_cast<const T*>(in) + from.offset, reinterpret_cast<T*>(out) + to.offset);
}

// An absent zero point is 0.
bool means_the_same(const Quantization& a, const Quantization& b) {
  const auto all_zero = [](const std::vector<int64_t>& z) {
    return std::count(z.begin(), z.end(), 0) == std::ssize(z);
  };
  return a.scale == b.scale && (a.zero_point == b.zero_point || (all_zero(a.zero_point) && all_zero(b.zero_point)));
}

}  // namespace

View View::dense(std::vector<int64_t> extents) {
  View v{std::move(extents), {}, 0};
  v.strides.resize(v.extents.size());
  int64_t stride = 1;
  for (size_t i = v.extents.size(); i-- > 0;) {
    v.strides[i] = stride;
    stride *= v.extents[i];
  }
  return v;
}

View View::dense(const Shape& shape) { return dense(std::vector<int64_t>(shape.begin(), shape.end())); }

View View::take(int axis, int64_t begin, int64_t count, int64_t step) const {
  const auto k = static_cast<size_t>(axis);
  View v = *this;
  v.offset += begin * v.strides[k];
  v.extents[k] = count;
  v.strides[k] *= step;
  return v;
}

View View::at(int axis, int64_t index) const {
  View v = take(axis, index, 1);
  v.extents.erase(v.extents.begin() + axis);
  v.strides.erase(v.strides.begin() + axis);
  return v;
}

View View::permuted(const std::vector<int>& order) const {
  View v{{}, {}, offset};
  for (const int k : order) {
    v.extents.push_back(extents[static_cast<size_t>(k)]);
    v.strides.push_back(strides[static_cast<size_t>(k)]);
  }
  return v;
}

std::vector<ViewLoop> view_loops(const View& from, const View& to) {
  std::vector<ViewLoop> all;
  for (int i = from.rank() - 1; i >= 0; --i) {
    const auto k = static_cast<size_t>(i);
    const ViewLoop outer{from.extents[k], from.strides[k], to.strides[k]};
    if (outer.count == 1) continue;
    if (!all.empty() && outer.in == all.back().in * all.back().count &&
        outer.out == all.back().out * all.back().count) {
      all.back().count *= outer.count;
    } else {
      all.push_back(outer);
    }
  }
  std::reverse(all.begin(), all.end());
  return all;
}

void copy_view(const std::byte* in, const View& from, std::byte* out, const View& to, int size) {
  if (std::find(to.extents.begin(), to.extents.end(), 0) != to.extents.end()) return;
  switch (size) {
    case 1:
      copy_elements<uint8_t>(in, from, out, to);
      break;
    case 2:
      copy_elements<uint16_t>(in, from, out, to);
      break;
    case 4:
      copy_elements<uint32_t>(in, from, out, to);
      break;
    default:
      copy_elements<uint64_t>(in, from, out, to);
  }
}

void fill_view(const std::byte* value, std::byte* out, const View& to, int size) {
  copy_view(value, {to.extents, std::vector<int64_t>(to.extents.size(), 0), 0}, out, to, size);
}

Expected<void> expect_movable(const NodeView& n, int i) {
  const int bits = size_bits(n.dtype(i));
  if (bits == 8 || bits == 16 || bits == 32 || bits == 64) return {};
  return Unexpected(n.fail_input(i, std::string(name(n.dtype(i))), "elements of 1, 2, 4 or 8 bytes",
                                 "this op is not computed for that type; `monolite inspect` still shows the model"));
}

Expected<void> expect_same_mapping(const NodeView& n, int i, int output) {
  if (size_bits(n.dtype(i)) > 16 || means_the_same(n.input(i).quantization, n.output(output).quantization)) return {};
  return Unexpected(n.fail_input(i, "another scale or zero point than the output's",
                                 "the same: elements are only copied", "put a QUANTIZE before it"));
}

Expected<int> axis_of(const NodeView& n, int64_t axis, int rank) {
  const int64_t from_start = axis < 0 ? axis + rank : axis;
  if (from_start >= 0 && from_start < rank) return static_cast<int>(from_start);
  return Unexpected(n.fail(fmt::format("axis {}", axis), fmt::format("one of {} dimensions", rank)));
}

}  // namespace monolite::ops
