#include <optional>

#include "convert/passes.h"
#include "convert/uses.h"

namespace monolite::conversion {
namespace {

// L2_NORMALIZATION divides by 1e-6 at least: the root of what TensorFlow adds, 1e-12.
constexpr double kMostEpsilon = 1e-10;

class Matcher {
 public:
  explicit Matcher(Graph& g) : g_(g), uses_(g) {}

  // The x of x * rsqrt(max(sum(x * x), epsilon)), or of x / sqrt(…), where node `root` computes it.
  std::optional<TensorId> match(size_t root) {
    const Node& n = g_.nodes[root];
    const AttributeValue* activation = n.attributes.find("fused_activation_function");
    if (activation != nullptr && std::get<int64_t>(*activation) != 0) return {};
    if (n.op == OpCode::MUL) {
      for (size_t i = 0; i < 2; ++i) {
        if (is_norm(n.inputs[1 - i], OpCode::RSQRT, n.inputs[i])) return n.inputs[i];
      }
    }
    if (n.op == OpCode::DIV && is_norm(n.inputs[1], OpCode::SQRT, n.inputs[0])) return n.inputs[0];
    return {};
  }

 private:
  const Node* producer(TensorId id, OpCode op) {
    const int i = id == kNoTensor ? -1 : uses_.producer(id);
    if (i < 0 || g_.nodes[static_cast<size_t>(i)].op != op) return nullptr;
    return &g_.nodes[static_cast<size_t>(i)];
  }

  bool is_norm(TensorId id, OpCode root, TensorId x) {
    const Node* n = producer(id, root);
    if (n == nullptr) return false;
    TensorId sum = n->inputs[0];
    for (const OpCode op : {OpCode::MAXIMUM, OpCode::ADD}) {
      const Node* bound = producer(sum, op);
      if (bound == nullptr) continue;
      const size_t constant = is_epsilon(bound->inputs[1]) ? 1 : is_epsilon(bound->inputs[0]) ? 0 : 2;
      if (constant == 2) return false;
      sum = bound->inputs[1 - constant];
      break;
    }
    return is_sum_of_squares(sum, x);
  }

  bool is_epsilon(TensorId id) const {
    const Tensor& t = g_.tensor(id);
    if (t.dtype != DType::float32 || t.data.size_bytes() != sizeof(float)) return false;
    const float v = t.data.get<float>(0);
    return v >= 0 && v <= kMostEpsilon;
  }

  // Over the innermost dimension, which stays as one element.
  bool is_sum_of_squares(TensorId id, TensorId x) {
    const Node* sum = producer(id, OpCode::SUM);
    if (sum == nullptr || sum->inputs.size() != 2) return false;
    const AttributeValue* keep = sum->attributes.find("keep_dims");
    const Tensor& axes = g_.tensor(sum->inputs[1]);
    const int rank = g_.tensor(x).shape.rank();
    if (keep == nullptr || !std::get<bool>(*keep) || rank < 1 || axes.dtype != DType::int32 ||
        axes.data.size_bytes() != sizeof(int32_t)) {
      return false;
    }
    const int32_t axis = axes.data.get<int32_t>(0);
    if (axis != -1 && axis != rank - 1) return false;
    const Node* square = producer(sum->inputs[0], OpCode::SQUARE);
    if (square != nullptr) return square->inputs[0] == x;
    const Node* product = producer(sum->inputs[0], OpCode::MUL);
    return product != nullptr && product->inputs[0] == x && product->inputs[1] == x;
  }

  Graph& g_;
  Uses uses_;
};

}  // namespace

int fuse_l2_normalization(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Matcher matcher(g);
  int fused = 0;
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    const auto x = matcher.match(i);
    const bool fits = x && g.tensor(*x).shape.rank() <= 4 && g.tensor(*x).dtype == DType::float32;
    if (!fits) continue;
    Node made;
    made.op = OpCode::L2_NORMALIZATION;
    made.attributes.set_table("L2NormOptions");
    made.inputs = {*x};
    made.outputs = g.nodes[i].outputs;
    g.nodes[i] = std::move(made);
    ++fused;
  }
  erase_unread(g);
  return fused;
}

}  // namespace monolite::conversion
