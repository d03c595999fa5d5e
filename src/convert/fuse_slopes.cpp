#include "convert/match.h"
#include "convert/passes.h"
#include "passes/graph_edit.h"

namespace monolite::conversion {
namespace {

class Matcher {
 public:
  explicit Matcher(Lowered& lowered) : lowered_(lowered), g_(lowered.model.graphs[0]), makers_(g_) {}

  bool fuse(Node& n) {
    if (n.op == OpCode::MAXIMUM) return leaky(n);
    if ((n.op == OpCode::ADD || n.op == OpCode::SUB) && is_plain(n)) return prelu(n, 0) || prelu(n, 1);
    return false;
  }

 private:
  // max(x, slope * x), where the slope is from 0 to 1.
  bool leaky(Node& n) {
    for (size_t i = 0; i < 2; ++i) {
      const Node* product = makers_.of(n.inputs[i], OpCode::MUL);
      if (product == nullptr || !is_plain(*product)) continue;
      for (size_t side = 0; side < 2; ++side) {
        const auto slope = scalar(g_, product->inputs[side]);
        const TensorId x = product->inputs[1 - side];
        if (!slope || *slope < 0 || *slope > 1 || !makers_.is_same(x, n.inputs[1 - i]) || !has_shape_of(n, x)) continue;
        set_leaky(n, x, *slope);
        return true;
      }
    }
    return false;
  }

  // relu(x) + c * relu(-x), or relu(x) - c * relu(-x): below 0 the slope is -c, or c. `line` is the place of relu(x).
  bool prelu(Node& n, size_t line) {
    if (n.op == OpCode::SUB && line == 1) return false;
    const Node* above = makers_.of(n.inputs[line], OpCode::RELU);
    const Node* product = makers_.of(n.inputs[1 - line], OpCode::MUL);
    if (above == nullptr || product == nullptr || !is_plain(*product)) return false;
    const TensorId x = above->inputs[0];
    for (size_t side = 0; side < 2; ++side) {
      const TensorId c = product->inputs[side];
      const Node* below = makers_.of(product->inputs[1 - side], OpCode::RELU);
      const Node* negative = below == nullptr ? nullptr : makers_.of(below->inputs[0], OpCode::NEG);
      if (negative == nullptr || !makers_.is_same(negative->inputs[0], x) || !has_shape_of(n, x)) continue;
      if (!g_.tensor(c).is_constant() || g_.tensor(c).dtype != DType::float32) continue;
      const TensorId slope = n.op == OpCode::SUB ? c : negated(c);
      if (const auto single = scalar(g_, slope)) {
        set_leaky(n, x, *single);
      } else {
        replace(n, OpCode::PRELU, {x, slope}, "");
      }
      return true;
    }
    return false;
  }

  bool has_shape_of(const Node& n, TensorId x) const {
    return g_.tensor(n.outputs[0]).shape == g_.tensor(x).shape && g_.tensor(x).dtype == DType::float32;
  }

  static void set_leaky(Node& n, TensorId x, float slope) {
    replace(n, OpCode::LEAKY_RELU, {x}, "LeakyReluOptions");
    n.attributes.set("alpha", double{slope});
  }

  TensorId negated(TensorId id) {
    Tensor t = g_.tensor(id);
    std::vector<float> values = passes::floats(t);
    for (float& v : values) v = -v;
    t.data = Buffer::of(std::move(values));
    t.name += "/negated";
    const TensorId made = g_.add(std::move(t));
    const auto range = lowered_.constant_ranges.find(id);
    if (range != lowered_.constant_ranges.end()) {
      TrainedRange turned = range->second;
      turned.min = -range->second.max;
      turned.max = -range->second.min;
      lowered_.constant_ranges[made] = std::move(turned);
    }
    return made;
  }

  Lowered& lowered_;
  Graph& g_;
  Makers makers_;
};

}  // namespace

int fuse_slopes(Lowered& lowered) {
  Matcher matcher(lowered);
  int fused = 0;
  for (Node& n : lowered.model.graphs[0].nodes) fused += matcher.fuse(n) ? 1 : 0;
  erase_unread(lowered.model.graphs[0]);
  return fused;
}

}  // namespace monolite::conversion
