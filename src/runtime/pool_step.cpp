// AVERAGE_POOL_2D, MAX_POOL_2D and MEAN over neighbouring dimensions.
//   match   uint8, int8, float32; 8-bit windows of at most kMostPooledQ8 pixels
//   kernel  pool

#include <algorithm>
#include <limits>
#include <optional>

#include "kernels/pool/select.h"
#include "ops/elementwise.h"
#include "ops/mean.h"
#include "ops/pool.h"
#include "ops/reduction.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::PoolKernel;

// Pictures of [rows, columns, channels] and their windows.
struct Pictures {
  int64_t count;
  ops::WindowAxis y, x;
  int64_t channels;
};

// A kernel for windows of T: what it is told besides the window.
class Average8 {
 public:
  using Element = uint8_t;
  Average8(void (*run)(const kernels::PoolQ8Args&), bool is_signed, ops::Range<int32_t> range)
      : run_(run), flip_(is_signed ? 0x80 : 0), range_(range) {}
  static int64_t scratch_bytes(int64_t) { return 0; }
  void operator()(const kernels::WindowArgs<uint8_t>& window, uint8_t* out, std::byte*) const {
    run_({window, flip_, range_.least, range_.most, out});
  }

 private:
  void (*run_)(const kernels::PoolQ8Args&);
  uint8_t flip_;
  ops::Range<int32_t> range_;
};

class Pool32 {
 public:
  using Element = float;
  Pool32(void (*run)(const kernels::PoolF32Args&), ops::Range<float> range) : run_(run), range_(range) {}
  static int64_t scratch_bytes(int64_t) { return 0; }
  void operator()(const kernels::WindowArgs<float>& window, float* out, std::byte*) const {
    run_({window, range_.least, range_.most, out});
  }

 private:
  void (*run_)(const kernels::PoolF32Args&);
  ops::Range<float> range_;
};

// T says whether the bytes are signed.
template <class T>
class Mean8 {
 public:
  using Element = uint8_t;
  Mean8(const PoolKernel& kernel, const ops::NodeView& n, int64_t elements)
      : kernel_(kernel), element_(n, elements, ops::mean_multiplier(n, elements)) {}
  static int64_t scratch_bytes(int64_t channels) { return channels * 4; }
  void operator()(const kernels::WindowArgs<uint8_t>& window, uint8_t* out, std::byte* scratch) const {
    auto* sums = reinterpret_cast<int32_t*>(scratch);
    kernel_.sum_q8({window, std::is_signed_v<T> ? uint8_t{0x80} : uint8_t{0}, sums});
    for (int64_t c = 0; c < window.channels; ++c) out[c] = static_cast<uint8_t>(element_(sums[c]));
  }

 private:
  const PoolKernel& kernel_;
  ops::QuantizedSum<T> element_;
};

// Rows of the output, or where these are few, parts of the channels of each.
template <class Window>
class PoolStep : public Step {
 public:
  using Element = typename Window::Element;
  PoolStep(const Window& window, const Pictures& p, int threads) : window_(window), p_(p) {
    const int64_t rows = p.count * p.y.out();
    const int64_t parts = threads > 1 && rows < 2 * threads ? std::min<int64_t>(p.channels / 64, 2 * threads) : 1;
    part_ = (p.channels + std::max<int64_t>(parts, 1) - 1) / std::max<int64_t>(parts, 1);
    part_ = std::min(p.channels, (part_ + 63) / 64 * 64);
    parts_ = (p.channels + part_ - 1) / part_;
    const int64_t work = int64_t{p.x.out()} * part_ * std::min(p.y.in, p.y.filter) * std::min(p.x.in, p.x.filter);
    pieces_ = pieces_of(rows * parts_, 16384 / std::max<int64_t>(work, 1) + 1, rows * parts_, threads);
    scratch_bytes = Window::scratch_bytes(part_);
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const Element>(tensors, reads[0]);
    out_ = elements_of<Element>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int thread) {
      const int64_t last = std::min((piece + 1) * pieces_.rows, p_.count * p_.y.out() * parts_);
      for (int64_t i = piece * pieces_.rows; i < last; ++i) {
        row(i / parts_, i % parts_ * part_, context.scratch_of<std::byte>(thread));
      }
    });
    return {};
  }

 private:
  void row(int64_t row, int64_t channel, std::byte* scratch) const {
    const auto y = p_.y.span(row % p_.y.out());
    const int64_t row_stride = p_.x.in * p_.channels, channels = std::min(part_, p_.channels - channel);
    const Element* top = in_ + (row / p_.y.out() * p_.y.in + y.first) * row_stride + channel;
    for (int32_t ox = 0; ox < p_.x.out(); ++ox) {
      const auto x = p_.x.span(ox);
      window_({top + x.first * p_.channels, row_stride, p_.channels, y.end - y.first, x.end - x.first, channels},
              out_ + (row * p_.x.out() + ox) * p_.channels + channel, scratch);
    }
  }

  Window window_;
  Pictures p_;
  int64_t part_ = 0, parts_ = 0;  // channels of a part; how many parts
  Pieces pieces_{};
  const Element* in_ = nullptr;
  Element* out_ = nullptr;
};

template <class Window>
std::unique_ptr<Step> make(const Window& window, const Pictures& pictures, const Planner& planner, size_t node,
                           const PoolKernel& kernel) {
  auto step = std::make_unique<PoolStep<Window>>(window, pictures, planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[0]};
  step->writes = planner.node(node).outputs;
  return step;
}

constexpr int64_t kLeastChannels = 8;  // of a mean: below, vectors are mostly empty

// The node as pictures whose windows are what falls together, where the dimensions that go are neighbours; extents of 1
// count as whatever suits.
std::optional<Pictures> pictures_of_mean(const ops::NodeView& n) {
  const auto goes = ops::reduced_dimensions(n);
  if (!goes) return {};
  const Shape& in = n.shape(0);
  int64_t outer = 1, together = 1, inner = 1;
  for (int i = 0; i < in.rank(); ++i) {
    if (in[i] == 1) continue;
    if (!(*goes)[static_cast<size_t>(i)]) {
      (together == 1 ? outer : inner) *= in[i];
    } else {
      if (inner != 1) return {};
      together *= in[i];
    }
  }
  if (together > INT32_MAX || in.elements() == 0 || inner < kLeastChannels) return {};
  const auto width = static_cast<int32_t>(together);
  return Pictures{outer, {1, 1, 1, 1, ops::Padding::valid}, {width, width, 1, 1, ops::Padding::valid}, inner};
}

}  // namespace

std::unique_ptr<Step> make_pool_step(const Planner& planner, size_t node) {
  const OpCode op = planner.node(node).op;
  if (op != OpCode::AVERAGE_POOL_2D && op != OpCode::MAX_POOL_2D) return nullptr;
  const ops::NodeView n = planner.view(node);
  const auto a = n.attributes<ops::Pool2D>();
  const auto [y, x] = ops::pool_axes(n, a);
  const Pictures pictures{n.shape(0)[0], y, x, n.shape(0)[3]};
  const PoolKernel& kernel = kernels::select_pool(planner.isa());
  const bool is_average = op == OpCode::AVERAGE_POOL_2D;
  if (n.dtype(0) == DType::float32) {
    const Pool32 window(is_average ? kernel.average_f32 : kernel.largest_f32, ops::pool_range<float>(n, a));
    return make(window, pictures, planner, node, kernel);
  }
  const bool is_signed = n.dtype(0) == DType::int8;
  if (!ops::is_8bit(n.dtype(0)) || int64_t{y.filter} * x.filter > kernels::kMostPooledQ8) return nullptr;
  const ops::Range<int32_t> range = ops::quantized_range(n, a.fused_activation_function);
  if (range.least > range.most) return nullptr;
  const Average8 window(is_average ? kernel.average_q8 : kernel.largest_q8, is_signed, range);
  return make(window, pictures, planner, node, kernel);
}

std::unique_ptr<Step> make_mean_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::MEAN || !planner.are_known(node, 1)) return nullptr;
  const ops::NodeView n = planner.view(node);
  const auto pictures = pictures_of_mean(n);
  if (!pictures) return nullptr;
  const PoolKernel& kernel = kernels::select_pool(planner.isa());
  if (n.dtype(0) == DType::float32) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    return make(Pool32(kernel.average_f32, {-kInfinity, kInfinity}), *pictures, planner, node, kernel);
  }
  if (!ops::is_8bit(n.dtype(0)) || pictures->x.in > kernels::kMostPooledQ8) return nullptr;
  if (n.dtype(0) == DType::int8)
    return make(Mean8<int8_t>(kernel, n, pictures->x.in), *pictures, planner, node, kernel);
  return make(Mean8<uint8_t>(kernel, n, pictures->x.in), *pictures, planner, node, kernel);
}

}  // namespace monolite::runtime
