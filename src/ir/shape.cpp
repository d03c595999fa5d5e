#include "ir/shape.h"

#include <algorithm>

namespace monolite {

bool Shape::is_valid() const {
  return std::all_of(dims_.begin(), dims_.end(), [](int32_t d) { return d >= 0; });
}

std::optional<int64_t> Shape::checked_elements() const {
  if (!is_valid()) return std::nullopt;
  if (std::find(dims_.begin(), dims_.end(), 0) != dims_.end()) return 0;
  int64_t product = 1;
  for (const int32_t d : dims_) {
    if (product > (int64_t{1} << 62) / d) return std::nullopt;
    product *= d;
  }
  return product;
}

int64_t Shape::elements() const { return elements(0, rank()); }

int64_t Shape::elements(int first, int last) const {
  int64_t product = 1;
  for (int i = first; i < last; ++i) product *= dims_[static_cast<size_t>(i)];
  return product;
}

int64_t bytes_of(const Shape& shape, DType dtype) { return (shape.elements() * size_bits(dtype) + 7) / 8; }

std::string to_string(const Shape& shape) {
  if (shape.rank() == 0) return "scalar";
  std::string text;
  for (const int32_t d : shape) text += (text.empty() ? "" : "x") + (d < 0 ? std::string("?") : std::to_string(d));
  return text;
}

}  // namespace monolite
