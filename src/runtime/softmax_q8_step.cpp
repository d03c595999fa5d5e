// SOFTMAX on 8-bit numbers.
//   match   uint8 or int8, to the same type
//   kernel  exponentials of all differences to a row's largest element, made ahead; elementwise_q8's table in long rows

#include <algorithm>

#include "kernels/elementwise_q8/select.h"
#include "ops/elementwise.h"
#include "ops/fixed_point_math.h"
#include "ops/softmax.h"
#include "ops/softmax_scale.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::ElementwiseQ8Kernel;

// What the op computes of an element that lies `difference` below the largest of its row: exp in Q0, and in Q12 as it
// counts in the sum.
struct Exponentials {
  int32_t exp[256], term[256];
  int32_t count;           // differences from here on give 0
  bool is_falling = true;  // as it should be; then so are the results

  explicit Exponentials(const ops::SoftmaxScale& scale) : exp{}, term{}, count(0) {
    for (int difference = 0; difference < 256 && -difference >= scale.least_difference; ++difference, ++count) {
      exp[difference] = ops::exp_on_negative_values<5>(multiply(-difference, scale.to_q5));
      term[difference] = rounding_divide_by_pot(exp[difference], 12);
      is_falling = is_falling && (difference == 0 || exp[difference] <= exp[difference - 1]);
    }
  }
};

class SoftmaxQ8Step : public Step {
 public:
  SoftmaxQ8Step(const ops::SoftmaxScale& scale, const Shape& shape, bool is_signed, const ElementwiseQ8Kernel& kernel,
                int threads)
      : exponentials_(scale),
        kernel_(kernel),
        flip_(is_signed ? 0x80 : 0),
        depth_(shape.back(0)),
        rows_(shape.elements() / depth_),
        pieces_(pieces_of(rows_, 1, rows_, threads)) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t last = std::min((piece + 1) * pieces_.rows, rows_);
      for (int64_t row = piece * pieces_.rows; row < last; ++row) row_of(in_ + row * depth_, out_ + row * depth_);
    });
    return {};
  }

 private:
  struct alignas(64) Table {
    uint8_t values[256];
  };

  void row_of(const uint8_t* in, uint8_t* out) const {
    uint8_t most = 0;
    for (int64_t c = 0; c < depth_; ++c) most = std::max<uint8_t>(most, in[c] ^ flip_);
    uint32_t sum = 0;
    for (int64_t c = 0; c < depth_; ++c) {
      sum += static_cast<uint32_t>(exponentials_.term[most - (in[c] ^ flip_)]);
    }
    const ops::Reciprocal share = ops::reciprocal(static_cast<int32_t>(sum), 12);
    Table table;
    std::fill_n(table.values, 256, flip_);
    const int shift = share.exponent + 31 - 8;
    for (int d = 0; shift <= 31 && d < exponentials_.count && d <= most; ++d) {
      const int32_t value = rounding_divide_by_pot(ops::fixed_product(share.mantissa, exponentials_.exp[d]), shift);
      if (value <= 0 && exponentials_.is_falling) break;
      table.values[(most - d) ^ flip_] = static_cast<uint8_t>(std::clamp(value, 0, 255) ^ flip_);
    }
    kernel_.lookup({in, depth_, table.values, out});
  }

  Exponentials exponentials_;
  const ElementwiseQ8Kernel& kernel_;
  uint8_t flip_;
  int64_t depth_, rows_;
  Pieces pieces_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> make_softmax_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::SOFTMAX) return nullptr;
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(0);
  if (!ops::is_8bit(type) || n.output_dtype(0) != type) return nullptr;
  const auto scale = ops::softmax_scale(ops::softmax_multiplier(n.attributes<ops::Softmax>().beta, n.scale(0)));
  const ElementwiseQ8Kernel& kernel = kernels::select_elementwise_q8(planner.isa());
  auto step = std::make_unique<SoftmaxQ8Step>(scale, n.shape(0), type == DType::int8, kernel, planner.threads());
  step->nodes = {node};
  step->kernel_name = std::string("softmax_") + kernel.name;
  step->reads = {planner.node(node).inputs[0]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
