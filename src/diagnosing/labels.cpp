#include "diagnosing/labels.h"

#include <algorithm>
#include <cstdlib>

#include "tasks/output.h"

namespace monolite::diagnosing {
namespace {

constexpr double kMostLabel = 65535;

}  // namespace

Expected<image::Mask> labels_of(const ops::Value& output) {
  const Shape& s = output.shape;
  const bool is_map = (s.rank() == 3 || s.rank() == 4) && s[0] == 1 && s[1] > 0 && s[2] > 0;
  if (!is_map || s.elements() > image::kMostPixels) {
    return Unexpected(input_error("the output", to_string(s), "a label map [1,H,W] or scores [1,H,W,C]",
                                  "other outputs: `monolite diff MODEL --outputs FILE --input F`"));
  }
  const int64_t depth = s.rank() == 4 ? s[3] : 1, pixels = int64_t{s[1]} * s[2];
  image::Mask mask(s[2], s[1]);
  for (int64_t i = 0; i < pixels; ++i) {
    double label = 0;
    if (depth == 1) {
      label = tasks::stored_number(output, i);
    } else {
      double most = tasks::stored_number(output, i * depth);
      for (int64_t c = 1; c < depth; ++c) {
        const double score = tasks::stored_number(output, i * depth + c);
        if (score > most) most = score, label = static_cast<double>(c);
      }
    }
    mask.labels[static_cast<size_t>(i)] = static_cast<uint16_t>(label >= 0 ? std::min(label, kMostLabel) : kMostLabel);
  }
  return mask;
}

image::Mask transposed(const image::Mask& mask) {
  image::Mask t(mask.height, mask.width);
  for (int32_t y = 0; y < mask.height; ++y) {
    for (int32_t x = 0; x < mask.width; ++x) t.row(x)[y] = mask.row(y)[x];
  }
  return t;
}

image::Mask renumbered(const image::Mask& mask, int by) {
  image::Mask r = mask;
  for (uint16_t& label : r.labels) label = label == 0 && by < 0 ? 255 : static_cast<uint16_t>(label + by);
  return r;
}

image::Mask moved(const image::Mask& mask, int down, int right) {
  image::Mask m(mask.width, mask.height);
  for (int32_t y = 0; y < mask.height; ++y) {
    const uint16_t* from = mask.row(std::clamp(y - down, 0, mask.height - 1));
    for (int32_t x = 0; x < mask.width; ++x) m.row(y)[x] = from[std::clamp(x - right, 0, mask.width - 1)];
  }
  return m;
}

int64_t differing(const image::Mask& a, const image::Mask& b, int32_t height, int32_t width) {
  int64_t count = 0;
  for (int32_t y = 0; y < height; ++y) {
    const uint16_t *p = a.row(y), *q = b.row(y);
    for (int32_t x = 0; x < width; ++x) count += p[x] != q[x];
  }
  return count;
}

Shift best_shift(const image::Mask& expected, const image::Mask& found, int32_t height, int32_t width, int reach) {
  Shift best{0, 0, differing(expected, found, height, width)};
  for (int down = -reach; down <= reach; ++down) {
    for (int right = -reach; right <= reach; ++right) {
      if (down == 0 && right == 0) continue;
      int64_t count = 0;
      for (int32_t y = 0; y < height && count <= best.differing; ++y) {
        const uint16_t* p = expected.row(std::clamp(y - down, 0, expected.height - 1));
        const uint16_t* q = found.row(y);
        const int32_t first = std::clamp(right, 0, width), last = std::clamp(width + right, first, width);
        for (int32_t x = 0; x < first; ++x) count += p[0] != q[x];
        for (int32_t x = first; x < last; ++x) count += p[x - right] != q[x];
        for (int32_t x = last; x < width; ++x) count += p[std::min(x - right, expected.width - 1)] != q[x];
      }
      const auto size = [](const Shift& s) { return std::abs(s.down) + std::abs(s.right); };
      const Shift here{down, right, count};
      if (count < best.differing || (count == best.differing && size(here) < size(best))) best = here;
    }
  }
  return best;
}

}  // namespace monolite::diagnosing
