#include "convert/match.h"
#include "convert/passes.h"
#include "convert/quantized_ops.h"
#include "passes/graph_edit.h"

namespace monolite::conversion {
namespace {

constexpr size_t kFilter = 1, kBias = 2;

class Folder {
 public:
  explicit Folder(Lowered& lowered) : lowered_(lowered), g_(lowered.model.graphs[0]), uses_(g_) {}

  int run() {
    std::vector<bool> gone(g_.nodes.size());
    int folded = 0;
    // From the back: of x * a + b the sum comes first, then the product.
    for (size_t i = g_.nodes.size(); i-- > 0;) {
      Node& conv = g_.nodes[i];
      if (!has_filter(conv.op) || conv.op == OpCode::TRANSPOSE_CONV || !may_change(conv)) continue;
      for (;;) {
        const int producer = uses_.producer(conv.inputs[0]);
        if (producer < 0 || uses_.readers(conv.inputs[0]) != 1) break;
        const Node& n = g_.nodes[static_cast<size_t>(producer)];
        const TensorId x = fold(n, conv);
        if (x == kNoTensor) break;
        conv.inputs[0] = x;
        gone[static_cast<size_t>(producer)] = true;
        ++folded;
      }
    }
    erase_nodes(g_, gone);
    return folded;
  }

 private:
  bool may_change(const Node& conv) const {
    const Tensor& filter = g_.tensor(conv.inputs[kFilter]);
    return filter.is_constant() && filter.dtype == DType::float32 &&
           !lowered_.constant_ranges.contains(conv.inputs[kFilter]);
  }

  // What the convolution reads instead of n's output, or kNoTensor.
  TensorId fold(const Node& n, Node& conv) {
    const bool is_product = n.op == OpCode::MUL, is_sum = n.op == OpCode::ADD || n.op == OpCode::SUB;
    if ((!is_product && !is_sum) || !is_plain(n)) return kNoTensor;
    for (size_t side = 0; side < 2; ++side) {
      if (n.op == OpCode::SUB && side == 1) continue;  // constant - x
      const TensorId x = n.inputs[side];
      if (g_.tensor(x).shape != g_.tensor(n.outputs[0]).shape) continue;
      const std::vector<float> by = per_channel(n.inputs[1 - side], g_.tensor(x).shape);
      if (by.empty() || !fits(conv, by.size())) continue;
      if (is_product) {
        multiply(conv, by);
      } else if (!add(conv, by, n.op == OpCode::SUB ? -1.0f : 1.0f)) {
        continue;
      }
      return x;
    }
    return kNoTensor;
  }

  std::vector<float> per_channel(TensorId id, const Shape& x) const {
    const Tensor& t = g_.tensor(id);
    if (!t.is_constant() || t.dtype != DType::float32 || x.rank() == 0) return {};
    const auto channels = static_cast<size_t>(x.back(0)), count = t.data.size_bytes() / sizeof(float);
    if (count != 1 && (count != channels || t.shape.rank() == 0 || static_cast<size_t>(t.shape.back(0)) != channels))
      return {};
    std::vector<float> values(channels);
    for (size_t c = 0; c < channels; ++c) values[c] = t.data.get<float>(count == 1 ? 0 : c);
    return values;
  }

  // Does each weight read one of `channels` in turn? Not where a dense layer reads a picture, or groups share channels.
  bool fits(const Node& conv, size_t channels) const {
    const Shape& f = g_.tensor(conv.inputs[kFilter]).shape;
    const auto inner = static_cast<size_t>(f.back(0));
    return conv.op == OpCode::DEPTHWISE_CONV_2D ? inner % channels == 0 : inner == channels;
  }

  size_t channel_of(const Node& conv, size_t i, size_t channels) const {
    if (conv.op != OpCode::DEPTHWISE_CONV_2D) return i % channels;
    const auto outputs = static_cast<size_t>(g_.tensor(conv.inputs[kFilter]).shape.back(0));
    return i % outputs / (outputs / channels);
  }

  void set(TensorId& id, std::vector<float> values) {
    Tensor t = g_.tensor(id);
    t.data = Buffer::of(std::move(values));
    id = g_.add(std::move(t));
  }

  void multiply(Node& conv, const std::vector<float>& by) {
    std::vector<float> weights = passes::floats(g_.tensor(conv.inputs[kFilter]));
    for (size_t i = 0; i < weights.size(); ++i) weights[i] *= by[channel_of(conv, i, by.size())];
    set(conv.inputs[kFilter], std::move(weights));
  }

  // What is added to each pixel comes out as a part of the bias, where no pixel is made up at the border.
  bool add(Node& conv, const std::vector<float>& what, float sign) {
    const AttributeValue* padding = conv.attributes.find("padding");
    const bool is_valid = padding != nullptr && std::get<int64_t>(*padding) == kValid;
    if (conv.op != OpCode::FULLY_CONNECTED && !is_valid) return false;
    if (conv.inputs.size() <= kBias || !g_.tensor(conv.inputs[kBias]).is_constant()) return false;
    const std::vector<float> weights = passes::floats(g_.tensor(conv.inputs[kFilter]));
    std::vector<float> bias = passes::floats(g_.tensor(conv.inputs[kBias]));
    std::vector<double> sums(bias.size());
    const size_t inner = weights.size() / bias.size();
    for (size_t i = 0; i < weights.size(); ++i) {
      const size_t out = conv.op == OpCode::DEPTHWISE_CONV_2D ? i % bias.size() : i / inner;
      sums[out] += double{weights[i]} * double{what[channel_of(conv, i, what.size())]};
    }
    for (size_t o = 0; o < bias.size(); ++o) bias[o] += sign * static_cast<float>(sums[o]);
    set(conv.inputs[kBias], std::move(bias));
    return true;
  }

  static constexpr int64_t kValid = 1;  // of the schema's Padding

  Lowered& lowered_;
  Graph& g_;
  Uses uses_;
};

}  // namespace

int fold_before_convolution(Lowered& lowered) { return Folder(lowered).run(); }

}  // namespace monolite::conversion
