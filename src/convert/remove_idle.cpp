#include <algorithm>
#include <cmath>

#include "convert/match.h"
#include "convert/passes.h"

namespace monolite::conversion {
namespace {

class Remover {
 public:
  explicit Remover(Lowered& lowered) : g_(lowered.model.graphs[0]), uses_(g_) {
    for (size_t i = 0; i < g_.tensors.size(); ++i) instead_.push_back(static_cast<TensorId>(i));
  }

  int run() {
    std::vector<bool> gone(g_.nodes.size());
    int removed = 0;
    for (size_t i = 0; i < gone.size(); ++i) {
      Node& n = g_.nodes[i];
      for (TensorId& id : n.inputs) {
        if (id != kNoTensor) id = instead(id);
      }
      join(n);
      if (!is_idle(n) || !take_place(n.outputs[0], n.inputs[0])) continue;
      gone[i] = true;
      ++removed;
    }
    for (TensorId& id : g_.outputs) id = instead(id);
    erase_nodes(g_, gone);
    erase_unread(g_);
    return removed;
  }

 private:
  TensorId instead(TensorId id) const {
    return static_cast<size_t>(id) < instead_.size() ? instead_[static_cast<size_t>(id)] : id;
  }

  const Node* maker(TensorId id, OpCode op) {
    const int i = static_cast<size_t>(id) < uses_.producers.size() ? uses_.producer(id) : -1;
    return i < 0 || g_.nodes[static_cast<size_t>(i)].op != op ? nullptr : &g_.nodes[static_cast<size_t>(i)];
  }

  // Two RESHAPEs, or two TRANSPOSEs, are one.
  void join(Node& n) {
    if (n.op == OpCode::RESHAPE) {
      if (const Node* before = maker(n.inputs[0], n.op)) n.inputs[0] = before->inputs[0];
    }
    if (n.op != OpCode::TRANSPOSE) return;
    const Node* before = maker(n.inputs[0], n.op);
    const auto second = order(n), first = before == nullptr ? std::vector<int32_t>() : order(*before);
    if (first.empty() || first.size() != second.size()) return;
    std::vector<int32_t> both;
    for (const int32_t axis : second) both.push_back(first[static_cast<size_t>(axis)]);
    Tensor t = g_.tensor(n.inputs[1]);
    t.data = Buffer::of(std::move(both));
    n.inputs = {before->inputs[0], g_.add(std::move(t))};
  }

  // A TRANSPOSE's order; empty where it is not known.
  std::vector<int32_t> order(const Node& n) const {
    const Tensor& t = g_.tensor(n.inputs[1]);
    if (!t.is_constant() || t.dtype != DType::int32) return {};
    std::vector<int32_t> axes;
    const auto rank = static_cast<int32_t>(t.data.size_bytes() / sizeof(int32_t));
    for (int32_t i = 0; i < rank; ++i) {
      const int32_t axis = t.data.get<int32_t>(static_cast<size_t>(i));
      axes.push_back(axis < 0 ? axis + rank : axis);
    }
    return axes;
  }

  bool is_idle(Node& n) {
    if (n.inputs.empty() || n.inputs[0] == kNoTensor || n.outputs.size() != 1) return false;
    const bool same_shape = g_.tensor(n.inputs[0]).shape == g_.tensor(n.outputs[0]).shape;
    switch (n.op) {
      case OpCode::RESHAPE:
      case OpCode::PAD:
      case OpCode::TILE:
      case OpCode::BROADCAST_TO:
      case OpCode::SLICE:
        return same_shape;
      case OpCode::RELU:
      case OpCode::RELU6:
        return is_range_within(n.inputs[0], n.op == OpCode::RELU ? HUGE_VAL : 6);
      case OpCode::TRANSPOSE: {
        const auto axes = order(n);
        return !axes.empty() && std::is_sorted(axes.begin(), axes.end());
      }
      case OpCode::ADD:
      case OpCode::MUL:
        if (is_all(n.inputs[0], n.op == OpCode::ADD ? 0.0f : 1.0f)) std::swap(n.inputs[0], n.inputs[1]);
        [[fallthrough]];
      case OpCode::SUB:
      case OpCode::DIV: {
        const bool is_sum = n.op == OpCode::ADD || n.op == OpCode::SUB;
        return is_plain(n) && is_all(n.inputs[1], is_sum ? 0.0f : 1.0f) &&
               g_.tensor(n.inputs[0]).shape == g_.tensor(n.outputs[0]).shape;
      }
      default:
        return false;
    }
  }

  // Has `id` just passed a FAKE_QUANT whose range is from 0 or more to `most` or less?
  bool is_range_within(TensorId id, double most) {
    const Node* n = maker(id, OpCode::FAKE_QUANT);
    return n != nullptr && std::get<double>(*n->attributes.find("min")) >= 0 &&
           std::get<double>(*n->attributes.find("max")) <= most;
  }

  bool is_all(TensorId id, float value) const {
    const Tensor& t = g_.tensor(id);
    if (!t.is_constant() || t.dtype != DType::float32) return false;
    for (size_t i = 0; i < t.data.size_bytes() / sizeof(float); ++i) {
      if (t.data.get<float>(i) != value) return false;
    }
    return true;
  }

  // Lets `in` stand for `out`; false where a name would be lost by it.
  bool take_place(TensorId out, TensorId in) {
    if (std::find(g_.outputs.begin(), g_.outputs.end(), out) != g_.outputs.end()) {
      const bool is_output = std::find(g_.outputs.begin(), g_.outputs.end(), in) != g_.outputs.end();
      if (is_output || g_.is_input(in) || g_.tensor(in).is_constant()) return false;
      g_.tensor(in).name = g_.tensor(out).name;
      std::replace(g_.outputs.begin(), g_.outputs.end(), out, in);
    }
    instead_[static_cast<size_t>(out)] = in;
    return true;
  }

  Graph& g_;
  Uses uses_;
  std::vector<TensorId> instead_;
};

}  // namespace

int remove_idle(Lowered& lowered) { return Remover(lowered).run(); }

}  // namespace monolite::conversion
