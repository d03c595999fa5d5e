#include <cmath>

#include "convert/lowerings.h"
#include "convert/match.h"
#include "convert/passes.h"

namespace monolite::conversion {
namespace {

constexpr double kExact = 1e-3;  // graphs hold 0.7978846, 0.79788, 0.8
constexpr double kRootOfTwoOverPi = 0.7978845608, kCubic = 0.044715, kRootOfHalf = 0.7071067812;

bool is_near(double value, double wanted) { return std::abs(value - wanted) <= kExact * std::abs(wanted); }

class Matcher {
 public:
  explicit Matcher(Graph& g) : g_(g), makers_(g) {}

  struct Match {
    TensorId x = kNoTensor;
    bool approximate = false;
  };

  // The x of x * share(x), where node `root` computes it: share is 0.5 * (1 + erf(x / sqrt(2))) or
  // 0.5 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))).
  std::optional<Match> match(size_t root) {
    const Node& n = g_.nodes[root];
    if (n.op != OpCode::MUL || !is_plain(n)) return {};
    const auto parts = parts_of_product(g_, makers_, n.outputs[0]);
    for (const TensorId share : parts) {
      for (const TensorId x : parts) {
        const auto approximate = is_share(share, x);
        if (!approximate) continue;
        const auto p = product_of(g_, makers_, n.outputs[0], 2, {x, share});
        if (p && p->factors.size() == 2 && p->factors[0] != p->factors[1] && is_near(p->constant, 0.5))
          return Match{x, *approximate};
      }
    }
    return {};
  }

 private:
  // Is `id` twice the share of x, and if so, is it by tanh?
  std::optional<bool> is_share(TensorId id, TensorId x) {
    if (id == x) return {};
    if (is_erfc(id, x)) return false;
    const Node* sum = plain(id, OpCode::ADD);
    for (size_t side = 0; sum != nullptr && side < 2; ++side) {
      if (scalar(g_, sum->inputs[side]) != 1.0f) continue;
      if (is_erf(sum->inputs[1 - side], x)) return false;
      if (is_tanh(sum->inputs[1 - side], x)) return true;
    }
    return {};
  }

  const Node* plain(TensorId id, OpCode op) {
    const Node* n = makers_.of(id, op);
    return n != nullptr && is_plain(*n) ? n : nullptr;
  }

  // Is `id` constant * x?
  bool is_multiple(TensorId id, double constant, TensorId x) {
    const auto p = product_of(g_, makers_, id, 1, {makers_.before_ranges(x)});
    return p && p->factors.size() == 1 && is_near(p->constant, constant) && makers_.is_same(p->factors[0], x);
  }

  bool is_custom(TensorId id, const char* code, double constant, TensorId x) {
    const Node* n = makers_.of(id, OpCode::CUSTOM);
    return n != nullptr && n->custom_code == code && is_multiple(n->inputs[0], constant, x);
  }
  bool is_erf(TensorId id, TensorId x) { return is_custom(id, kErf, kRootOfHalf, x); }
  // 1 + erf(z) is erfc(-z).
  bool is_erfc(TensorId id, TensorId x) { return is_custom(id, kErfc, -kRootOfHalf, x); }

  bool is_tanh(TensorId id, TensorId x) {
    const Node* n = makers_.of(id, OpCode::TANH);
    if (n == nullptr) return false;
    const auto p = product_of(g_, makers_, n->inputs[0], 2, {makers_.before_ranges(x)});
    if (!p || !is_near(p->constant, kRootOfTwoOverPi)) return false;
    if (p->factors.size() == 1) return is_sum(p->factors[0], x, x, 3);
    return (makers_.is_same(p->factors[0], x) && is_sum(p->factors[1], kNoTensor, x, 2)) ||
           (makers_.is_same(p->factors[1], x) && is_sum(p->factors[0], kNoTensor, x, 2));
  }

  // Is `id` first + 0.044715 * x^power? kNoTensor stands for 1.
  bool is_sum(TensorId id, TensorId first, TensorId x, size_t power) {
    const Node* sum = plain(id, OpCode::ADD);
    for (size_t side = 0; sum != nullptr && side < 2; ++side) {
      const TensorId one = sum->inputs[side];
      const bool is_first = first == kNoTensor ? scalar(g_, one) == 1.0f : makers_.is_same(one, first);
      if (is_first && is_power(sum->inputs[1 - side], x, power)) return true;
    }
    return false;
  }

  // Is `id` 0.044715 * x^power?
  bool is_power(TensorId id, TensorId x, size_t power) {
    const auto p = product_of(g_, makers_, id, 3, {makers_.before_ranges(x)});
    if (!p || !is_near(p->constant, kCubic)) return false;
    size_t found = 0;
    for (const TensorId f : p->factors) {
      const Node* n = makers_.of(f);
      if (makers_.is_same(f, x)) {
        ++found;
      } else if (n != nullptr && n->op == OpCode::POW && makers_.is_same(n->inputs[0], x) &&
                 scalar(g_, n->inputs[1]) == static_cast<float>(power)) {
        found += power;
      } else if (n != nullptr && n->op == OpCode::SQUARE && makers_.is_same(n->inputs[0], x)) {
        found += 2;
      } else {
        return false;
      }
    }
    return found == power;
  }

  Graph& g_;
  Makers makers_;
};

}  // namespace

int fuse_gelu(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Matcher matcher(g);
  int fused = 0;
  for (size_t i = g.nodes.size(); i-- > 0;) {
    const auto m = matcher.match(i);
    if (!m || g.tensor(m->x).shape != g.tensor(g.nodes[i].outputs[0]).shape) continue;
    replace(g.nodes[i], OpCode::GELU, {m->x}, "GeluOptions");
    g.nodes[i].attributes.set("approximate", m->approximate);
    ++fused;
  }
  erase_unread(g);
  return fused;
}

}  // namespace monolite::conversion
