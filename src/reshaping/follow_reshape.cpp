#include "reshaping/follow_reshape.h"

#include <algorithm>

namespace monolite::reshaping {

std::optional<Shape> follow_reshape(const Shape& in_before, const Shape& out_before, const Shape& in) {
  if (in_before.rank() != in.rank()) return std::nullopt;
  Shape out = out_before;
  int i = 0, o = 0;
  while (i < in.rank() || o < out.rank()) {
    const int first_in = i, first_out = o;
    int64_t product_in = i < in.rank() ? in_before[i++] : 1, product_out = o < out.rank() ? out_before[o++] : 1;
    while (product_in != product_out) {
      int64_t& smaller = product_in < product_out ? product_in : product_out;
      int& at = product_in < product_out ? i : o;
      const Shape& shape = product_in < product_out ? in_before : out_before;
      if (at >= shape.rank()) return std::nullopt;
      smaller *= shape[at++];
      if (smaller > (int64_t{1} << 40)) return std::nullopt;
    }
    // What changed in this run of the input.
    int64_t changed_before = 1, changed = 1;
    for (int k = first_in; k < i; ++k) {
      if (in_before[k] == in[k]) continue;
      changed_before *= in_before[k];
      changed *= in[k];
      if (changed > (int64_t{1} << 40)) return std::nullopt;
    }
    if (changed == changed_before) continue;
    if (i - first_in == o - first_out &&
        std::equal(in_before.begin() + first_in, in_before.begin() + i, out_before.begin() + first_out)) {
      for (int k = 0; k < i - first_in; ++k) out[first_out + k] = in[first_in + k];
      continue;
    }
    // The first extent that held it, a whole number of times.
    const auto holder = std::find_if(out_before.begin() + first_out, out_before.begin() + o, [&](int32_t extent) {
      return changed_before != 0 && extent % changed_before == 0;
    });
    if (holder == out_before.begin() + o) return std::nullopt;
    const int64_t extent = *holder / changed_before * changed;
    if (extent > INT32_MAX) return std::nullopt;
    out[static_cast<int>(holder - out_before.begin())] = static_cast<int32_t>(extent);
  }
  return out;
}

}  // namespace monolite::reshaping
