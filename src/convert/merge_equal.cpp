#include <algorithm>
#include <map>

#include "convert/passes.h"
#include "convert/uses.h"

namespace monolite::conversion {
namespace {

constexpr size_t kSmall = 64;  // bytes of a constant that is looked at: axes, sizes, orders

class Merger {
 public:
  explicit Merger(Lowered& lowered) : lowered_(lowered), g_(lowered.model.graphs[0]) {
    for (size_t i = 0; i < g_.tensors.size(); ++i) instead_.push_back(static_cast<TensorId>(i));
  }

  int run() {
    share_small_constants();
    std::map<std::pair<OpCode, std::vector<TensorId>>, std::vector<size_t>> seen;
    std::vector<bool> gone(g_.nodes.size());
    int merged = 0;
    for (size_t i = 0; i < gone.size(); ++i) {
      Node& n = g_.nodes[i];
      std::vector<TensorId> inputs;
      for (const TensorId id : n.inputs) inputs.push_back(id == kNoTensor ? id : instead_[static_cast<size_t>(id)]);
      for (size_t k = 0; k < n.inputs.size(); ++k) {
        const TensorId id = n.inputs[k];
        if (id != kNoTensor && !g_.tensor(id).is_constant()) n.inputs[k] = inputs[k];
      }
      auto& alike = seen[{n.op, std::move(inputs)}];
      const auto same = std::find_if(alike.begin(), alike.end(), [&](size_t k) { return is_same(g_.nodes[k], n); });
      if (same == alike.end() || writes_output(n)) {
        if (alike.size() < kMostAlike) alike.push_back(i);
        continue;
      }
      for (size_t k = 0; k < n.outputs.size(); ++k)
        instead_[static_cast<size_t>(n.outputs[k])] = g_.nodes[*same].outputs[k];
      gone[i] = true;
      ++merged;
    }
    erase_nodes(g_, gone);
    return merged;
  }

 private:
  static constexpr size_t kMostAlike = 16;  // nodes of the same inputs that are compared

  // One number for all constants of the same few bytes.
  void share_small_constants() {
    std::map<std::pair<std::vector<std::byte>, std::vector<int32_t>>, TensorId> first;
    for (size_t i = 0; i < g_.tensors.size(); ++i) {
      const auto id = static_cast<TensorId>(i);
      const Tensor& t = g_.tensor(id);
      if (!t.is_constant() || t.data.size_bytes() > kSmall || lowered_.constant_ranges.contains(id)) continue;
      std::vector<int32_t> shape(t.shape.begin(), t.shape.end());
      shape.push_back(static_cast<int32_t>(t.dtype));
      const auto bytes = t.data.bytes();
      instead_[i] =
          first.try_emplace({std::vector<std::byte>(bytes.begin(), bytes.end()), std::move(shape)}, id).first->second;
    }
  }

  bool is_same(const Node& a, const Node& b) const {
    if (a.custom_code != b.custom_code || !(a.attributes == b.attributes) || a.outputs.size() != b.outputs.size())
      return false;
    if (a.op == OpCode::CUSTOM) return false;  // who knows whether it gives the same twice
    for (size_t k = 0; k < a.outputs.size(); ++k) {
      const Tensor &x = g_.tensor(a.outputs[k]), &y = g_.tensor(b.outputs[k]);
      if (x.shape != y.shape || x.dtype != y.dtype) return false;
    }
    return true;
  }

  bool writes_output(const Node& n) const {
    return std::any_of(n.outputs.begin(), n.outputs.end(), [&](TensorId id) {
      return std::find(g_.outputs.begin(), g_.outputs.end(), id) != g_.outputs.end();
    });
  }

  Lowered& lowered_;
  Graph& g_;
  std::vector<TensorId> instead_;
};

}  // namespace

int merge_equal(Lowered& lowered) { return Merger(lowered).run(); }

}  // namespace monolite::conversion
