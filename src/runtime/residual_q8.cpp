#include "runtime/residual_q8.h"

#include <algorithm>

#include "kernels/requantize_q8_table.h"
#include "ops/add.h"
#include "ops/quantized_sum.h"

namespace monolite::runtime {
namespace {

kernels::RequantizeQ8 block(Multiplier multiplier, int32_t zero_point, int more_left) {
  kernels::RequantizeQ8 b{};
  for (int lane = 0; lane < 16; ++lane) {
    kernels::set_requantize_q8(b, lane, 0, multiplier, zero_point);
    b.left[lane] += more_left;
  }
  return b;
}

}  // namespace

std::optional<ResidualQ8> ResidualQ8::make(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::ADD) return {};
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(0);
  if ((type != DType::uint8 && type != DType::int8) || n.shape(0) != n.shape(1)) return {};
  const auto sum = ops::quantized_sum(n, n.attributes<ops::Add>().fused_activation_function, 1);
  if (sum.range.least > sum.range.most) return {};
  // The terms are shifted left by what the sum wants, not by their multipliers as well.
  if (sum.a_multiplier.shift > 0 || sum.b_multiplier.shift > 0) return {};
  const int32_t offset = type == DType::int8 ? 128 : 0;
  ResidualQ8 r;
  r.kernel_ = &kernels::select_elementwise_q8(planner.isa());
  r.a_scale_ = block(sum.a_multiplier, 0, sum.left_shift);
  r.b_scale_ = block(sum.b_multiplier, 0, sum.left_shift);
  r.sum_scale_ = block(sum.output_multiplier, sum.output_zero_point + offset, 0);
  r.args_.flip = type == DType::int8 ? 0x80 : 0;
  r.args_.a_zero_point = sum.a_zero_point + offset;
  r.args_.b_zero_point = sum.b_zero_point + offset;
  r.args_.output = {sum.output_zero_point + offset, static_cast<uint8_t>(std::clamp(sum.range.least + offset, 0, 255)),
                    static_cast<uint8_t>(std::clamp(sum.range.most + offset, 0, 255)), r.args_.flip};
  return r;
}

void ResidualQ8::add(const uint8_t* a, const uint8_t* b, int64_t count, uint8_t* out) const {
  kernels::AddQ8Args args = args_;
  args.a_scale = &a_scale_;
  args.b_scale = &b_scale_;
  args.sum_scale = &sum_scale_;
  args.a = a;
  args.b = b;
  args.count = count;
  args.out = out;
  kernel_->add(args);
}

}  // namespace monolite::runtime
