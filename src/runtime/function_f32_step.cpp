// Functions of one float32 number, and from float32 to 8 bits and back.
//   match   the ops below; QUANTIZE and DEQUANTIZE with one scale
//   kernel  elementwise_f32

#include <algorithm>
#include <limits>
#include <optional>

#include "kernels/elementwise_f32/select.h"
#include "ops/elementwise.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::ElementwiseF32Kernel;

// `Run` is called with a piece of the input and of the output: run(in, out, count).
template <class In, class Out, class Run>
class FunctionStep : public Step {
 public:
  FunctionStep(const Run& run, int64_t count, int threads)
      : run_(run), count_(count), pieces_(pieces_of(count, 4096, 65536, threads)) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const In>(tensors, reads[0]);
    out_ = elements_of<Out>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t first = piece * pieces_.rows;
      run_(in_ + first, out_ + first, std::min(pieces_.rows, count_ - first));
    });
    return {};
  }

 private:
  Run run_;
  int64_t count_;
  Pieces pieces_;
  const In* in_ = nullptr;
  Out* out_ = nullptr;
};

template <class In, class Out, class Run>
std::unique_ptr<Step> make(const Planner& planner, size_t node, const char* name, const Run& run) {
  const int64_t count = planner.view(node).output_shape(0).elements();
  auto step = std::make_unique<FunctionStep<In, Out, Run>>(run, count, planner.threads());
  step->nodes = {node};
  step->kernel_name = name;
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

// A function and the clamp behind it.
struct Function {
  void (*run)(const kernels::UnaryF32Args&);
  float least, most;
};

std::optional<Function> function_of(OpCode op, const ElementwiseF32Kernel& kernel) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (op) {
    case OpCode::RELU:
      return Function{kernel.clamp, 0, kInfinity};
    case OpCode::RELU6:
      return Function{kernel.clamp, 0, 6};
    case OpCode::RELU_N1_TO_1:
      return Function{kernel.clamp, -1, 1};
    case OpCode::RELU_0_TO_1:
      return Function{kernel.clamp, 0, 1};
    case OpCode::HARD_SWISH:
      return Function{kernel.hard_swish, -kInfinity, kInfinity};
    case OpCode::LOGISTIC:
      return Function{kernel.logistic, -kInfinity, kInfinity};
    default:
      return {};
  }
}

}  // namespace

std::unique_ptr<Step> make_function_f32_step(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  const ElementwiseF32Kernel& kernel = kernels::select_elementwise_f32(planner.isa());
  const auto function = function_of(n.node().op, kernel);
  if (!function || n.dtype(0) != DType::float32) return nullptr;
  return make<float, float>(planner, node, kernel.name, [f = *function](const float* in, float* out, int64_t count) {
    f.run({in, count, f.least, f.most, out});
  });
}

std::unique_ptr<Step> make_quantize_f32_step(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  if (n.node().op != OpCode::QUANTIZE || n.dtype(0) != DType::float32 || !ops::is_8bit(n.output_dtype(0)) ||
      n.output(0).quantization.is_per_channel()) {
    return nullptr;
  }
  const ElementwiseF32Kernel& kernel = kernels::select_elementwise_f32(planner.isa());
  const auto run = [quantize = kernel.quantize, scale = n.output_scale(0), zero_point = n.output_zero_point(0),
                    is_signed = n.output_dtype(0) == DType::int8](const float* in, uint8_t* out, int64_t count) {
    quantize({in, count, scale, zero_point, is_signed, out});
  };
  return make<float, uint8_t>(planner, node, kernel.name, run);
}

std::unique_ptr<Step> make_dequantize_f32_step(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  if (n.node().op != OpCode::DEQUANTIZE || !ops::is_8bit(n.dtype(0)) || n.input(0).quantization.is_per_channel()) {
    return nullptr;
  }
  const ElementwiseF32Kernel& kernel = kernels::select_elementwise_f32(planner.isa());
  const auto run = [dequantize = kernel.dequantize, scale = n.scale(0), zero_point = n.zero_point(0),
                    is_signed = n.dtype(0) == DType::int8](const uint8_t* in, float* out, int64_t count) {
    dequantize({in, count, scale, zero_point, is_signed, out});
  };
  return make<uint8_t, float>(planner, node, kernel.name, run);
}

}  // namespace monolite::runtime
