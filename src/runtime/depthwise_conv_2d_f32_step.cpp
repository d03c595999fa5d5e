// DEPTHWISE_CONV_2D in float32.
//   match   multiplier 1, weights and bias known
//   kernel  depthwise_f32, an output row at a time

#include "runtime/depthwise_rows_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

class DepthwiseConv2DF32Step : public Step {
 public:
  DepthwiseConv2DF32Step(DepthwiseRowsF32 rows, int64_t batches, int threads)
      : rows_(std::move(rows)), count_(batches * rows_.y().out()), pieces_(pieces_of(count_, 1, count_, threads)) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const float>(tensors, reads[0]);
    out_ = elements_of<float>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    const int64_t out_row = rows_.x().out() * rows_.channels(), in_row = rows_.x().in * rows_.channels();
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t last = std::min((piece + 1) * pieces_.rows, count_);
      for (int64_t row = piece * pieces_.rows; row < last; ++row) {
        const int64_t batch = row / rows_.y().out(), oy = row % rows_.y().out();
        const float* picture = in_ + batch * rows_.y().in * in_row;
        rows_.compute(
            oy, [&](int64_t iy) { return picture + iy * in_row; }, out_ + row * out_row);
      }
    });
    return {};
  }

 private:
  DepthwiseRowsF32 rows_;
  int64_t count_;
  Pieces pieces_;
  const float* in_ = nullptr;
  float* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> make_depthwise_conv_2d_f32_step(const Planner& planner, size_t node) {
  auto rows = DepthwiseRowsF32::make(planner, node);
  if (!rows) return nullptr;
  const std::string name = rows->kernel_name();
  auto step = std::make_unique<DepthwiseConv2DF32Step>(
      std::move(*rows), planner.view(node).shape(DepthwiseRowsF32::kInput)[0], planner.threads());
  step->nodes = {node};
  step->kernel_name = name;
  step->reads = {planner.node(node).inputs[DepthwiseRowsF32::kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
