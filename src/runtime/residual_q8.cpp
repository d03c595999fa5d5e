#include "runtime/residual_q8.h"

#include <algorithm>

#include "kernels/requantize_q8_table.h"
#include "ops/add.h"
#include "ops/quantized_sum.h"

namespace monolite::runtime {
namespace {

// What each byte of an input adds to the sum.
kernels::TermsQ8 terms(bool is_signed, int32_t zero_point, int left_shift, Multiplier multiplier) {
  kernels::TermsQ8 t;
  for (int byte = 0; byte < 256; ++byte) {
    const int32_t value = is_signed ? static_cast<int8_t>(byte) : byte;
    const int32_t term = multiply(wrapping_shift_left(value - zero_point, left_shift), multiplier);
    t.whole[byte] = term;
    for (int i = 0; i < 4; ++i) t.planes[i][byte] = static_cast<uint8_t>(static_cast<uint32_t>(term) >> (8 * i));
  }
  return t;
}

}  // namespace

std::optional<ResidualQ8> ResidualQ8::make(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::ADD) return {};
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(0);
  if ((type != DType::uint8 && type != DType::int8) || n.shape(0) != n.shape(1)) return {};
  const auto sum = ops::quantized_sum(n, n.attributes<ops::Add>().fused_activation_function, 1);
  if (sum.range.least > sum.range.most) return {};
  const int32_t offset = type == DType::int8 ? 128 : 0;
  ResidualQ8 r;
  r.kernel_ = &kernels::select_elementwise_q8(planner.isa());
  r.a_terms_ = terms(offset != 0, sum.a_zero_point, sum.left_shift, sum.a_multiplier);
  r.b_terms_ = terms(offset != 0, sum.b_zero_point, sum.left_shift, sum.b_multiplier);
  for (int lane = 0; lane < 16; ++lane) {
    kernels::set_requantize_q8(r.sum_scale_, lane, 0, sum.output_multiplier, sum.output_zero_point + offset);
  }
  r.args_.output = {sum.output_zero_point + offset, static_cast<uint8_t>(std::clamp(sum.range.least + offset, 0, 255)),
                    static_cast<uint8_t>(std::clamp(sum.range.most + offset, 0, 255)), static_cast<uint8_t>(offset)};
  return r;
}

void ResidualQ8::add(const uint8_t* a, const uint8_t* b, int64_t count, uint8_t* out) const {
  kernels::AddQ8Args args = args_;
  args.a_terms = &a_terms_;
  args.b_terms = &b_terms_;
  args.sum_scale = &sum_scale_;
  args.a = a;
  args.b = b;
  args.count = count;
  args.out = out;
  kernel_->add(args);
}

}  // namespace monolite::runtime
