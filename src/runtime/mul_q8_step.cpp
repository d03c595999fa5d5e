// MUL on 8-bit numbers.
//   match   uint8 or int8; equal shapes, or one input repeated as BroadcastRows tells
//   kernel  elementwise_q8

#include <algorithm>

#include "kernels/elementwise_q8/select.h"
#include "kernels/requantize_q8_table.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/mul.h"
#include "runtime/broadcast_rows.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

using kernels::ElementwiseQ8Kernel;

// The scales are multiplied and divided in float32, as the op does.
Multiplier multiplier_of(const ops::NodeView& n) {
  return quantize_multiplier(static_cast<double>(n.scale(0) * n.scale(1) / n.output_scale(0)));
}

class MulQ8Step : public Step {
 public:
  MulQ8Step(const ops::NodeView& n, ops::Range<int32_t> range, const BroadcastRows& rows,
            const ElementwiseQ8Kernel& kernel)
      : kernel_(kernel), rows_(rows) {
    const int32_t offset = n.dtype(0) == DType::int8 ? 128 : 0, zero_point = n.output_zero_point(0) + offset;
    for (int lane = 0; lane < 16; ++lane) kernels::set_requantize_q8(scale_, lane, 0, multiplier_of(n), zero_point);
    args_.a_zero_point = n.zero_point(0) + offset;
    args_.b_zero_point = n.zero_point(1) + offset;
    args_.flip = offset != 0 ? 0x80 : 0;
    args_.output = {zero_point, static_cast<uint8_t>(std::clamp(range.least + offset, 0, 255)),
                    static_cast<uint8_t>(std::clamp(range.most + offset, 0, 255)), args_.flip};
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    a_ = elements_of<const uint8_t>(tensors, reads[0]);
    b_ = elements_of<const uint8_t>(tensors, reads[1]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    rows_.run(context, [&](int64_t a, int64_t b, int64_t out, int64_t count) {
      kernels::MulQ8Args args = args_;
      args.scale = &scale_;
      args.a = a_ + a;
      args.b = b_ + b;
      args.out = out_ + out;
      args.count = count;
      kernel_.mul(args);
    });
    return {};
  }

 private:
  const ElementwiseQ8Kernel& kernel_;
  BroadcastRows rows_;
  kernels::RequantizeQ8 scale_{};
  kernels::MulQ8Args args_{};
  const uint8_t *a_ = nullptr, *b_ = nullptr;
  uint8_t* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> make_mul_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::MUL) return nullptr;
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(0);
  if (!ops::is_8bit(type) || n.output_dtype(0) != type) return nullptr;
  const auto range = ops::quantized_range(n, n.attributes<ops::Mul>().fused_activation_function);
  const auto rows = BroadcastRows::make(n, planner.threads());
  if (!rows || rows->has_number() || range.least > range.most) return nullptr;
  if (!kernels::stays_in_32_bits_q8(multiplier_of(n), int64_t{255} * 255)) return nullptr;
  const ElementwiseQ8Kernel& kernel = kernels::select_elementwise_q8(planner.isa());
  auto step = std::make_unique<MulQ8Step>(n, range, *rows, kernel);
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
