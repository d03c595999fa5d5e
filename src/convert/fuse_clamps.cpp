#include "convert/match.h"
#include "convert/passes.h"

namespace monolite::conversion {
namespace {

class Matcher {
 public:
  explicit Matcher(Graph& g) : g_(g), makers_(g) {}

  struct Bounded {
    TensorId x;
    float bound;
  };

  // x and the bound, where `n` is max(x, bound) or min(x, bound).
  std::optional<Bounded> bounded(const Node* n, OpCode op) {
    if (n == nullptr) return {};
    if (op == OpCode::MAXIMUM && n->op == OpCode::RELU) return Bounded{n->inputs[0], 0};
    if (n->op != op) return {};
    for (size_t i = 0; i < 2; ++i) {
      const auto c = scalar(g_, n->inputs[i]);
      if (c && g_.tensor(n->inputs[1 - i]).shape == g_.tensor(n->outputs[0]).shape)
        return Bounded{n->inputs[1 - i], *c};
    }
    return {};
  }

  bool fuse(Node& n) {
    for (const OpCode outer : {OpCode::MAXIMUM, OpCode::MINIMUM}) {
      const OpCode inner = outer == OpCode::MAXIMUM ? OpCode::MINIMUM : OpCode::MAXIMUM;
      const auto first = bounded(&n, outer);
      if (!first) continue;
      const auto second = bounded(makers_.of(first->x), inner);
      const float low = outer == OpCode::MAXIMUM ? first->bound : second ? second->bound : 1;
      const float high = outer == OpCode::MINIMUM ? first->bound : second ? second->bound : 0;
      if (second && low == 0 && high == 6) return become(n, OpCode::RELU6, second->x);
      if (second && low == -1 && high == 1) return become(n, OpCode::RELU_N1_TO_1, second->x);
      if (outer == OpCode::MAXIMUM && first->bound == 0 && n.op != OpCode::RELU)
        return become(n, OpCode::RELU, first->x);
    }
    return false;
  }

 private:
  static bool become(Node& n, OpCode op, TensorId x) {
    replace(n, op, {x}, "");
    return true;
  }

  Graph& g_;
  Makers makers_;
};

}  // namespace

int fuse_clamps(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Matcher matcher(g);
  int fused = 0;
  for (Node& n : g.nodes) fused += matcher.fuse(n) ? 1 : 0;
  erase_unread(g);
  return fused;
}

}  // namespace monolite::conversion
