#include "ir/quantization.h"

namespace monolite {

bool same_mapping(const Quantization& a, const Quantization& b) {
  return a.scale == b.scale && a.zero_point == b.zero_point && (a.scale.size() <= 1 || a.dimension == b.dimension) &&
         a.details == b.details;
}

}  // namespace monolite
