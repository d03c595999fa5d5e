#include "legalize/rewrite.h"

namespace monolite::legalize {

#define REWRITE(name) extern const Rewrite name;
#include "legalize/all.inc"
#undef REWRITE

const std::vector<const Rewrite*>& all_rewrites() {
  static const std::vector<const Rewrite*> all = {
#define REWRITE(name) &name,
#include "legalize/all.inc"
#undef REWRITE
  };
  return all;
}

std::string_view to_string(Proof proof) {
  switch (proof) {
    case Proof::exact:
      return "exact";
    case Proof::one_lsb:
      return "<= 1 LSB";
    default:
      return "approximate";
  }
}

bool Site::has_shapes(size_t inputs) const {
  const auto is_known = [&](TensorId id) {
    return id != kNoTensor && inference.states[static_cast<size_t>(id)].has_shape;
  };
  for (size_t i = 0; i < inputs; ++i) {
    if (!is_known(input(i))) return false;
  }
  return is_known(output());
}

std::vector<int64_t> Site::ints(TensorId id) const {
  if (id == kNoTensor) return {};
  const Tensor& t = tensor(id);
  const int size = t.dtype == DType::int32 ? 4 : t.dtype == DType::int64 ? 8 : 0;
  std::vector<int64_t> values;
  if (size == 0 || !t.is_constant()) return values;
  const size_t count = t.data.size_bytes() / static_cast<size_t>(size);
  for (size_t i = 0; i < count; ++i) values.push_back(size == 4 ? t.data.get<int32_t>(i) : t.data.get<int64_t>(i));
  return values;
}

int Site::only_reader(TensorId id) const {
  const std::vector<int> readers = graph().consumers(id);
  return readers.size() == 1 && !graph().is_output(id) ? readers.front() : -1;
}

}  // namespace monolite::legalize
