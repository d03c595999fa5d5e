#include "legalize/open_sizes.h"

#include <fmt/format.h>

#include <algorithm>

namespace monolite::legalize {
namespace {

bool has_open_extent(const Tensor& t) {
  return t.shape_signature &&
         std::any_of(t.shape_signature->begin(), t.shape_signature->end(), [](int32_t extent) { return extent < 0; });
}

}  // namespace

std::string fix_sizes(Graph& g) {
  std::string seen;
  for (const TensorId id : g.inputs) {
    const Tensor& t = g.tensor(id);
    if (!has_open_extent(t)) continue;
    if (!seen.empty()) seen += "; ";
    seen += fmt::format("input \"{}\" is always {}, other sizes were possible", t.name, to_string(t.shape));
  }
  for (Tensor& t : g.tensors) {
    if (has_open_extent(t)) t.shape_signature.reset();
  }
  return seen;
}

}  // namespace monolite::legalize
