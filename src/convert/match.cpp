#include "convert/match.h"

#include <algorithm>

namespace monolite::conversion {
namespace {

constexpr int kMostRanges = 8;  // FAKE_QUANT nodes one behind the other
constexpr int kDeepest = 4;     // products in products: deeper than any way to write the patterns

// The node whose operands `id` multiplies, or nullptr.
const Node* product(const Graph& g, Makers& makers, TensorId id) {
  const Node* n = makers.of(id);
  if (n == nullptr || !is_plain(*n)) return nullptr;
  return n->op == OpCode::MUL || n->op == OpCode::NEG || (n->op == OpCode::DIV && scalar(g, n->inputs[1])) ? n
                                                                                                           : nullptr;
}

size_t factors_of(const Node& n) { return n.op == OpCode::MUL ? 2 : 1; }

struct Expansion {
  const Graph& g;
  Makers& makers;
  size_t most;
  const std::vector<TensorId>& stops;
  Product p = {};

  bool add(TensorId id, int depth) {
    if (const auto c = scalar(g, id)) {
      p.constant *= *c;
      return true;
    }
    const TensorId own = makers.before_ranges(id);
    const bool stands = std::find(stops.begin(), stops.end(), own) != stops.end();
    const Node* n = stands || depth == kDeepest ? nullptr : product(g, makers, id);
    if (n == nullptr) {
      p.factors.push_back(own);
      return p.factors.size() <= most;
    }
    if (n->op == OpCode::NEG) p.constant = -p.constant;
    if (n->op == OpCode::DIV) p.constant /= *scalar(g, n->inputs[1]);
    for (size_t i = 0; i < factors_of(*n); ++i) {
      if (!add(n->inputs[i], depth + 1)) return false;
    }
    return true;
  }
};

void collect(const Graph& g, Makers& makers, TensorId id, int depth, std::vector<TensorId>& parts) {
  const Node* n = depth == kDeepest ? nullptr : product(g, makers, id);
  for (size_t i = 0; n != nullptr && i < factors_of(*n); ++i) {
    if (scalar(g, n->inputs[i])) continue;
    parts.push_back(makers.before_ranges(n->inputs[i]));
    collect(g, makers, n->inputs[i], depth + 1, parts);
  }
}

}  // namespace

std::optional<float> scalar(const Graph& graph, TensorId id) {
  if (id == kNoTensor) return {};
  const Tensor& t = graph.tensor(id);
  if (!t.is_constant() || t.dtype != DType::float32 || t.data.size_bytes() != sizeof(float)) return {};
  return t.data.get<float>(0);
}

bool is_plain(const Node& node) {
  const AttributeValue* activation = node.attributes.find("fused_activation_function");
  return activation == nullptr || std::get<int64_t>(*activation) == 0;
}

TensorId Makers::before_ranges(TensorId id) {
  for (int step = 0; step < kMostRanges; ++step) {
    const int i = id == kNoTensor ? -1 : uses_.producer(id);
    if (i < 0 || g_.nodes[static_cast<size_t>(i)].op != OpCode::FAKE_QUANT) return id;
    id = g_.nodes[static_cast<size_t>(i)].inputs[0];
  }
  return id;
}

const Node* Makers::of(TensorId id) {
  id = before_ranges(id);
  const int i = id == kNoTensor ? -1 : uses_.producer(id);
  return i < 0 ? nullptr : &g_.nodes[static_cast<size_t>(i)];
}

const Node* Makers::of(TensorId id, OpCode op) {
  const Node* n = of(id);
  return n != nullptr && n->op == op ? n : nullptr;
}

std::optional<Product> product_of(const Graph& graph, Makers& makers, TensorId id, size_t most,
                                  const std::vector<TensorId>& stops) {
  Expansion e{graph, makers, most, stops};
  if (!e.add(id, 0)) return {};
  return std::move(e.p);
}

std::vector<TensorId> parts_of_product(const Graph& graph, Makers& makers, TensorId id) {
  std::vector<TensorId> parts;
  collect(graph, makers, id, 0, parts);
  return parts;
}

void replace(Node& node, OpCode op, std::vector<TensorId> inputs, const char* table) {
  Node made;
  made.op = op;
  made.attributes.set_table(table);
  made.inputs = std::move(inputs);
  made.outputs = node.outputs;
  node = std::move(made);
}

}  // namespace monolite::conversion
