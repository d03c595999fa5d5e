// ADD, SUB, MUL, DIV, MINIMUM, MAXIMUM, SOFTMAX and ARG_MAX in float32.
//   match   sums and products: equal shapes, one number, or one input repeated as BroadcastRows tells;
//           ARG_MAX: along the innermost dimension
//   kernel  elementwise_f32

#include <algorithm>

#include "kernels/elementwise_f32/select.h"
#include "ops/softmax.h"
#include "runtime/broadcast_rows.h"
#include "runtime/fast_steps.h"
#include "runtime/fused_activation.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::ElementwiseF32Kernel;

class BinaryF32Step : public Step {
 public:
  using Function = void (*)(const kernels::BinaryF32Args&);
  BinaryF32Step(Function function, ops::Range<float> range, const BroadcastRows& rows)
      : function_(function), range_(range), rows_(rows) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    a_ = elements_of<const float>(tensors, reads[0]);
    b_ = elements_of<const float>(tensors, reads[1]);
    out_ = elements_of<float>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    rows_.run(context, [&](int64_t a, int64_t b, int64_t out, int64_t count) {
      function_(
          {a_ + a, b_ + b, !rows_.is_number(0), !rows_.is_number(1), count, range_.least, range_.most, out_ + out});
    });
    return {};
  }

 private:
  Function function_;
  ops::Range<float> range_;
  BroadcastRows rows_;
  const float *a_ = nullptr, *b_ = nullptr;
  float* out_ = nullptr;
};

// Rows of the innermost dimension, one by one or some at once.
class RowsF32Step : public Step {
 public:
  RowsF32Step(const ElementwiseF32Kernel& kernel, const Shape& shape, float beta, int label_bytes, int threads)
      : kernel_(kernel),
        depth_(shape.back(0)),
        rows_(shape.elements() / depth_),
        beta_(beta),
        label_bytes_(label_bytes),
        pieces_(pieces_of(rows_, 4096 / depth_ + 1, rows_, threads)) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const float>(tensors, reads[0]);
    out_ = elements_of<std::byte>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t first = piece * pieces_.rows, last = std::min(first + pieces_.rows, rows_);
      if (label_bytes_ != 0) {
        kernel_.arg_max({in_ + first * depth_, last - first, depth_, label_bytes_, out_ + first * label_bytes_});
        return;
      }
      for (int64_t row = first; row < last; ++row) {
        kernel_.softmax({in_ + row * depth_, depth_, beta_, reinterpret_cast<float*>(out_) + row * depth_});
      }
    });
    return {};
  }

 private:
  const ElementwiseF32Kernel& kernel_;
  int64_t depth_, rows_;
  float beta_;
  int label_bytes_;  // 0: a softmax
  Pieces pieces_;
  const float* in_ = nullptr;
  std::byte* out_ = nullptr;
};

BinaryF32Step::Function binary_of(OpCode op, const ElementwiseF32Kernel& kernel) {
  switch (op) {
    case OpCode::ADD:
      return kernel.add;
    case OpCode::SUB:
      return kernel.sub;
    case OpCode::MUL:
      return kernel.mul;
    case OpCode::DIV:
      return kernel.div;
    case OpCode::MINIMUM:
      return kernel.minimum;
    case OpCode::MAXIMUM:
      return kernel.maximum;
    default:
      return nullptr;
  }
}

bool is_along_innermost(const ops::NodeView& n) {
  if (!n.has_value(1)) return false;
  const auto axis = n.int_scalar(1);
  return axis && (*axis == n.shape(0).rank() - 1 || *axis == -1);
}

std::unique_ptr<Step> described(std::unique_ptr<Step> step, const Planner& planner, size_t node, std::string name) {
  step->nodes = {node};
  step->kernel_name = std::move(name);
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace

std::unique_ptr<Step> make_binary_f32_step(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  const ElementwiseF32Kernel& kernel = kernels::select_elementwise_f32(planner.isa());
  const auto function = binary_of(n.node().op, kernel);
  if (function == nullptr || n.dtype(0) != DType::float32) return nullptr;
  const auto rows = BroadcastRows::make(n, planner.threads());
  if (!rows) return nullptr;
  return described(std::make_unique<BinaryF32Step>(function, ops::float_range(fused_activation(n)), *rows), planner,
                   node, kernel.name);
}

std::unique_ptr<Step> make_softmax_f32_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::SOFTMAX) return nullptr;
  const ops::NodeView n = planner.view(node);
  const float beta = n.attributes<ops::Softmax>().beta;
  if (n.dtype(0) != DType::float32 || !(beta >= 0)) return nullptr;
  const ElementwiseF32Kernel& kernel = kernels::select_elementwise_f32(planner.isa());
  return described(std::make_unique<RowsF32Step>(kernel, n.shape(0), beta, 0, planner.threads()), planner, node,
                   std::string("softmax_") + kernel.name);
}

std::unique_ptr<Step> make_arg_max_f32_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::ARG_MAX) return nullptr;
  const ops::NodeView n = planner.view(node);
  if (n.dtype(0) != DType::float32 || n.shape(0).elements() == 0 || !is_along_innermost(n)) return nullptr;
  const ElementwiseF32Kernel& kernel = kernels::select_elementwise_f32(planner.isa());
  return described(std::make_unique<RowsF32Step>(kernel, n.shape(0), 0.0F,
                                                 static_cast<int>(size_bytes(n.output_dtype(0))), planner.threads()),
                   planner, node, std::string("arg_max_") + kernel.name);
}

}  // namespace monolite::runtime
