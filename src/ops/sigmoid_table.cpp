#include "ops/sigmoid_table.h"

#include <fmt/format.h>

#include <cmath>

#include "base/fixed_point.h"
#include "ops/elementwise.h"

namespace monolite::ops {
namespace {

// Where LiteRT's table is one above the nearest value.
constexpr uint8_t kOneAbove[] = {4,  8,  12, 14, 15, 16, 17, 19, 20,  21,  22,  25,  27,  28, 29,
                                 30, 31, 33, 34, 35, 37, 39, 40, 41,  43,  44,  45,  46,  49, 50,
                                 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255};

std::array<uint16_t, 256> make_table() {
  std::array<uint16_t, 256> table;
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<uint16_t>(65536.0 / (1.0 + std::exp(-static_cast<double>(i) / 24.0)) + 0.5);
  }
  for (const uint8_t i : kOneAbove) ++table[i];
  return table;
}

float log2_of(float scale) { return std::log(scale) * (1.0f / std::log(2.0f)); }
bool is_power_of_two(float scale) { return std::abs(log2_of(scale) - std::round(log2_of(scale))) < 1e-3f; }

}  // namespace

const std::array<uint16_t, 256>& sigmoid_table() {
  static const std::array<uint16_t, 256> table = make_table();
  return table;
}

SigmoidInput sigmoid_input(const NodeView& n, int most_exponent) {
  const float scale = n.scale(0);
  const float exponent = std::round(log2_of(scale)) + 12;
  if (is_power_of_two(scale) && exponent >= 0 && exponent <= static_cast<float>(most_exponent)) {
    return {3 << static_cast<int>(exponent), 0};
  }
  double multiplier = static_cast<double>(scale) * 4096.0 * 3.0;
  int shift = 0;
  while (multiplier <= 32767.0 / 2.0 && shift <= 30) {
    ++shift;
    multiplier *= 2.0;
  }
  return {truncate_to_int32(multiplier), shift};
}

Expected<void> expect_sigmoid_scales(const NodeView& n, bool exact) {
  ML_TRY(expect_quantized_io(n));
  const float scale = n.output_scale(0);
  if (scale == 1.0f / 32768) return {};
  if (!exact && is_power_of_two(scale) && std::round(log2_of(scale)) == -15.0f) return {};
  return Unexpected(n.fail_output(0, fmt::format("scale {}", scale), "1/32768"));
}

}  // namespace monolite::ops
