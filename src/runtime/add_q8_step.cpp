// ADD on 8-bit numbers.
//   match   uint8 or int8, equal shapes
//   kernel  elementwise_q8

#include <algorithm>

#include "kernels/elementwise_q8/select.h"
#include "kernels/requantize_q8_table.h"
#include "ops/add.h"
#include "ops/quantized_sum.h"
#include "runtime/convolution_q8.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

using kernels::AddQ8Args;
using kernels::ElementwiseQ8Kernel;
using kernels::RequantizeQ8;

RequantizeQ8 block(Multiplier multiplier, int32_t zero_point, int more_left) {
  RequantizeQ8 b{};
  for (int lane = 0; lane < 16; ++lane) {
    kernels::set_requantize_q8(b, lane, 0, multiplier, zero_point);
    b.left[lane] += more_left;
  }
  return b;
}

class AddQ8Step : public Step {
 public:
  AddQ8Step(const ElementwiseQ8Kernel& kernel, const ops::QuantizedSum& sum, uint8_t flip, int64_t count,
            const Node& node, int threads)
      : kernel_(kernel),
        a_scale_(block(sum.a_multiplier, 0, sum.left_shift)),
        b_scale_(block(sum.b_multiplier, 0, sum.left_shift)),
        sum_scale_(block(sum.output_multiplier, sum.output_zero_point + (flip == 0 ? 0 : 128), 0)),
        count_(count),
        a_id_(node.inputs[0]),
        b_id_(node.inputs[1]),
        out_id_(node.outputs[0]),
        pieces_(pieces_of(count, 4096, 65536, threads)) {
    const int32_t offset = flip == 0 ? 0 : 128;
    args_.flip = flip;
    args_.a_zero_point = sum.a_zero_point + offset;
    args_.b_zero_point = sum.b_zero_point + offset;
    args_.a_scale = &a_scale_;
    args_.b_scale = &b_scale_;
    args_.sum_scale = &sum_scale_;
    args_.output = {sum.output_zero_point + offset, static_cast<uint8_t>(std::clamp(sum.range.least + offset, 0, 255)),
                    static_cast<uint8_t>(std::clamp(sum.range.most + offset, 0, 255)), flip};
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    const auto at = [&](TensorId id) { return reinterpret_cast<uint8_t*>(tensors[static_cast<size_t>(id)].data); };
    args_.a = at(a_id_);
    args_.b = at(b_id_);
    args_.out = at(out_id_);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t first = piece * pieces_.rows;
      AddQ8Args args = args_;
      args.a += first;
      args.b += first;
      args.out += first;
      args.count = std::min(pieces_.rows, count_ - first);
      kernel_.add(args);
    });
    return {};
  }

 private:
  const ElementwiseQ8Kernel& kernel_;
  RequantizeQ8 a_scale_, b_scale_, sum_scale_;
  AddQ8Args args_{};
  int64_t count_;
  TensorId a_id_, b_id_, out_id_;
  Pieces pieces_;
};

}  // namespace

std::unique_ptr<Step> make_add_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::ADD) return nullptr;
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(0);
  if ((type != DType::uint8 && type != DType::int8) || n.shape(0) != n.shape(1)) return nullptr;
  const auto sum = ops::quantized_sum(n, n.attributes<ops::Add>().fused_activation_function, 1);
  const Multiplier multipliers[] = {sum.a_multiplier, sum.b_multiplier, sum.output_multiplier};
  if (!kernels::fits_q8(multipliers) || sum.range.least > sum.range.most) return nullptr;
  // The scaled terms are shifted left by what they were, not by their multipliers as well.
  if (sum.a_multiplier.shift > 0 || sum.b_multiplier.shift > 0) return nullptr;
  const ElementwiseQ8Kernel& kernel = kernels::select_elementwise_q8(planner.isa());
  auto step = std::make_unique<AddQ8Step>(kernel, sum, static_cast<uint8_t>(type == DType::int8 ? 0x80 : 0),
                                          n.shape(0).elements(), planner.node(node), planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
