#include "compare/values.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "base/text.h"
#include "tasks/output.h"

namespace monolite::compare {

bool Difference::agrees(double tolerance) const {
  if (!misfit.empty()) return false;
  if (differing == 0) return true;
  return !is_exact && max <= tolerance * largest;
}

Difference compare(const ops::Value& a, const Quantization& quantization_a, const ops::Value& b,
                   const Quantization& quantization_b) {
  Difference d;
  d.elements = a.shape.elements();
  d.is_exact = !is_float(a.dtype) && !is_float(b.dtype);
  if (d.elements != b.shape.elements()) {
    d.misfit = fmt::format("{} beside {}", to_string(a.shape), to_string(b.shape));
    return d;
  }
  const bool is_same = a.dtype == b.dtype && same_mapping(quantization_a, quantization_b);
  if (is_same && a.data.size_bytes() == b.data.size_bytes() &&
      (a.data.empty() || std::memcmp(a.data.data(), b.data.data(), a.data.size_bytes()) == 0)) {
    return d;
  }
  double sum = 0;
  for (int64_t i = 0; i < d.elements; ++i) {
    const double x = tasks::real_number(a, quantization_a, i), y = tasks::real_number(b, quantization_b, i);
    if (std::isfinite(x)) d.largest = std::max(d.largest, std::abs(x));
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    ++d.differing;
    const double apart = std::isfinite(x) && std::isfinite(y) ? std::abs(x - y) : HUGE_VAL;
    sum += apart;
    if (apart <= d.max) continue;
    d.max = apart;
    d.worst = i;
    d.a = x;
    d.b = y;
  }
  d.mean = d.elements > 0 ? sum / static_cast<double>(d.elements) : 0;
  return d;
}

std::string to_string(const Difference& d) {
  if (!d.misfit.empty()) return "not comparable: " + d.misfit;
  if (d.differing == 0) return "identical";
  return fmt::format("{} of {} differ ({:.3f} %), at most by {:.6g}, by {:.3g} on average", with_commas(d.differing),
                     with_commas(d.elements),
                     100.0 * static_cast<double>(d.differing) / static_cast<double>(d.elements), d.max, d.mean);
}

}  // namespace monolite::compare
