#include <cmath>

#include "convert/match.h"
#include "convert/passes.h"

namespace monolite::conversion {
namespace {

constexpr double kExact = 1e-4;  // how far a sixth may be from a sixth: graphs hold 0.16667 too

class Matcher {
 public:
  explicit Matcher(Graph& g) : g_(g), makers_(g) {}

  // The x of x * relu6(x + 3) / 6, where node `root` computes it.
  std::optional<TensorId> match(size_t root) {
    const Node& n = g_.nodes[root];
    if ((n.op != OpCode::MUL && n.op != OpCode::DIV) || !is_plain(n)) return {};
    for (const TensorId gate : parts_of_product(g_, makers_, n.outputs[0])) {
      const auto x = gated(gate);
      if (!x) continue;
      const TensorId own = makers_.before_ranges(*x);
      const auto p = product_of(g_, makers_, n.outputs[0], 2, {gate, own});
      if (!p || p->factors.size() != 2 || std::abs(p->constant * 6 - 1) > kExact) continue;
      const TensorId other = p->factors[0] == gate ? p->factors[1] : p->factors[0];
      if (other == own) return x;
    }
    return {};
  }

 private:
  // The x of relu6(x + 3), which `id` is.
  std::optional<TensorId> gated(TensorId id) {
    const Node* relu = makers_.of(id, OpCode::RELU6);
    const Node* sum = relu == nullptr ? nullptr : makers_.of(relu->inputs[0], OpCode::ADD);
    if (sum == nullptr || !is_plain(*sum)) return {};
    for (size_t i = 0; i < 2; ++i) {
      if (scalar(g_, sum->inputs[1 - i]) == 3.0f) return sum->inputs[i];
    }
    return {};
  }

  Graph& g_;
  Makers makers_;
};

}  // namespace

int fuse_hard_swish(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Matcher matcher(g);
  int fused = 0;
  // From the back: the product as a whole is met before its parts.
  for (size_t i = g.nodes.size(); i-- > 0;) {
    const auto x = matcher.match(i);
    if (!x || g.tensor(*x).shape != g.tensor(g.nodes[i].outputs[0]).shape) continue;
    replace(g.nodes[i], OpCode::HARD_SWISH, {*x}, "HardSwishOptions");
    ++fused;
  }
  erase_unread(g);
  return fused;
}

}  // namespace monolite::conversion
