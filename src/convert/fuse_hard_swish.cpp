#include <cmath>
#include <optional>

#include "convert/passes.h"
#include "convert/uses.h"

namespace monolite::conversion {
namespace {

constexpr double kExact = 1e-4;  // how far a sixth may be from a sixth: graphs hold 0.16667 too

// The only element of a float32 constant.
std::optional<double> scalar(const Graph& g, TensorId id) {
  const Tensor& t = g.tensor(id);
  if (t.dtype != DType::float32 || t.data.size_bytes() != sizeof(float)) return {};
  return t.data.get<float>(0);
}

bool is_plain(const Node& n) {
  const AttributeValue* activation = n.attributes.find("fused_activation_function");
  return activation == nullptr || std::get<int64_t>(*activation) == 0;
}

// What a tree of MULs and DIVs by constants multiplies.
struct Product {
  double constant = 1;
  std::vector<TensorId> factors;
};

class Matcher {
 public:
  explicit Matcher(Graph& g) : g_(g), uses_(g) {}

  // The x of x * relu6(x + 3) / 6, where node `root` computes it.
  std::optional<TensorId> match(size_t root) {
    Product p;
    if (!expand(g_.nodes[root], 0, p) || p.factors.size() != 2 || std::abs(p.constant * 6 - 1) > kExact) return {};
    if (is_gate(p.factors[1], p.factors[0])) return p.factors[0];
    if (is_gate(p.factors[0], p.factors[1])) return p.factors[1];
    return {};
  }

 private:
  const Node* producer(TensorId id) {
    const int i = uses_.producer(id);
    return i < 0 ? nullptr : &g_.nodes[static_cast<size_t>(i)];
  }

  // False for a node of another kind, and for trees that are deeper than any way to write this.
  bool expand(const Node& n, int depth, Product& p) {
    constexpr int kDeepest = 3;
    if ((n.op != OpCode::MUL && n.op != OpCode::DIV) || !is_plain(n) || depth > kDeepest) return false;
    for (size_t i = 0; i < 2; ++i) {
      const TensorId id = n.inputs[i];
      if (const auto c = scalar(g_, id)) {
        p.constant = n.op == OpCode::DIV && i == 1 ? p.constant / *c : p.constant * *c;
        if (n.op == OpCode::DIV && i == 0) return false;  // something below the line
        continue;
      }
      if (n.op == OpCode::DIV && i == 1) return false;
      const Node* inner = producer(id);
      if (inner == nullptr || !expand(*inner, depth + 1, p)) p.factors.push_back(id);
      if (p.factors.size() > 2) return false;
    }
    return true;
  }

  // Is `id` relu6(x + 3)?
  bool is_gate(TensorId id, TensorId x) {
    const Node* relu = producer(id);
    if (relu == nullptr || relu->op != OpCode::RELU6) return false;
    const Node* sum = producer(relu->inputs[0]);
    if (sum == nullptr || sum->op != OpCode::ADD || !is_plain(*sum)) return false;
    for (size_t i = 0; i < 2; ++i) {
      const auto c = scalar(g_, sum->inputs[1 - i]);
      if (sum->inputs[i] == x && c && *c == 3) return true;
    }
    return false;
  }

  Graph& g_;
  Uses uses_;
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
    Node made;
    made.op = OpCode::HARD_SWISH;
    made.attributes.set_table("HardSwishOptions");
    made.inputs = {*x};
    made.outputs = g.nodes[i].outputs;
    g.nodes[i] = std::move(made);
    ++fused;
  }
  return fused;
}

}  // namespace monolite::conversion
