#include "convert/match.h"

namespace monolite::conversion {
namespace {

constexpr int kDeepest = 6;  // products in products: deeper than any way to write the patterns

bool expand(const Graph& g, Makers& makers, TensorId id, size_t most, int depth, Product& p) {
  if (const auto c = scalar(g, id)) {
    p.constant *= *c;
    return true;
  }
  const Node* n = makers.of(id);
  const bool is_product =
      n != nullptr && is_plain(*n) && depth < kDeepest &&
      (n->op == OpCode::MUL || n->op == OpCode::NEG || (n->op == OpCode::DIV && scalar(g, n->inputs[1])));
  if (!is_product) {
    p.factors.push_back(makers.before_ranges(id));
    return p.factors.size() <= most;
  }
  if (n->op == OpCode::NEG) p.constant = -p.constant;
  if (n->op == OpCode::DIV) p.constant /= *scalar(g, n->inputs[1]);
  const size_t count = n->op == OpCode::MUL ? 2 : 1;
  for (size_t i = 0; i < count; ++i) {
    if (!expand(g, makers, n->inputs[i], most, depth + 1, p)) return false;
  }
  return true;
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
  for (;;) {
    const int i = id == kNoTensor ? -1 : uses_.producer(id);
    if (i < 0 || g_.nodes[static_cast<size_t>(i)].op != OpCode::FAKE_QUANT) return id;
    id = g_.nodes[static_cast<size_t>(i)].inputs[0];
  }
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

std::optional<Product> product_of(const Graph& graph, Makers& makers, TensorId id, size_t most) {
  Product p;
  if (!expand(graph, makers, id, most, 0, p)) return {};
  return p;
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
