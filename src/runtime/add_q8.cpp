#include "runtime/add_q8.h"

#include <algorithm>

#include "kernels/elementwise_q8/sum_q8.h"
#include "ops/add.h"
#include "ops/elementwise.h"
#include "ops/quantized_sum.h"

namespace monolite::runtime {

std::optional<AddQ8> AddQ8::make(const Planner& planner, size_t node, bool broadcasts) {
  if (planner.node(node).op != OpCode::ADD) return {};
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(0);
  if (!ops::is_8bit(type)) return {};
  if (!broadcasts && n.shape(0) != n.shape(1)) return {};
  const auto sum = ops::quantized_sum(n, n.attributes<ops::Add>().fused_activation_function, 1);
  if (sum.range.least > sum.range.most) return {};
  if (sum.output_multiplier.shift > 0) return {};  // above 1: an output scale that no trained model has
  const int32_t offset = type == DType::int8 ? 128 : 0;
  AddQ8 r;
  r.kernel_ = &kernels::select_elementwise_q8(planner.isa());
  const kernels::OutputQ8 output{
      sum.output_zero_point + offset, static_cast<uint8_t>(std::clamp(sum.range.least + offset, 0, 255)),
      static_cast<uint8_t>(std::clamp(sum.range.most + offset, 0, 255)), static_cast<uint8_t>(offset)};
  r.sum_ =
      kernels::sum_q8({sum.a_zero_point + offset, sum.left_shift, sum.a_multiplier},
                      {sum.b_zero_point + offset, sum.left_shift, sum.b_multiplier}, sum.output_multiplier, output);
  return r;
}

void AddQ8::add(const uint8_t* a, const uint8_t* b, int64_t count, uint8_t* out) const {
  kernel_->add({a, b, count, &sum_, out});
}

}  // namespace monolite::runtime
