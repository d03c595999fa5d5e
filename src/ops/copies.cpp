#include "ops/copies.h"

#include <algorithm>

namespace monolite::ops {
namespace {

void translate(const Evaluation& n, const Copy& copy) {
  std::vector<uint8_t> values(static_cast<size_t>(n.shape(copy.input).elements()));
  const uint8_t* in = n.data<uint8_t>(copy.input);
  std::transform(in, in + values.size(), values.begin(), [&](uint8_t byte) { return (*copy.table)[byte]; });
  copy_view(reinterpret_cast<const std::byte*>(values.data()), copy.from, n.out<std::byte>(copy.output), copy.to, 1);
}

}  // namespace

Copy copy_whole(int input, View from, int output) {
  Copy copy;
  copy.input = input;
  copy.output = output;
  copy.to = View::dense(from.extents);
  copy.from = std::move(from);
  return copy;
}

Copy copy_value(int64_t value, View to, int output) {
  Copy copy;
  copy.input = Copy::kNoInput;
  copy.output = output;
  copy.to = std::move(to);
  copy.value = value;
  return copy;
}

void make_copies(const Evaluation& n, const Copies& copies) {
  for (const Copy& copy : copies) {
    auto* out = n.out<std::byte>(copy.output);
    const int size = size_bytes(n.output_dtype(copy.output));
    if (copy.input == Copy::kNoInput) {
      fill_view(reinterpret_cast<const std::byte*>(&copy.value), out, copy.to, size);
    } else if (copy.table) {
      translate(n, copy);
    } else {
      copy_view(n.data<std::byte>(copy.input), copy.from, out, copy.to, size);
    }
  }
}

}  // namespace monolite::ops
