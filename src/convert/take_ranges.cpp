#include "convert/passes.h"
#include "convert/uses.h"

namespace monolite::conversion {
namespace {

TrainedRange range_of(const Node& fake_quant) {
  const auto number = [&](const char* field) { return std::get<double>(*fake_quant.attributes.find(field)); };
  return {number("min"), number("max"), std::get<bool>(*fake_quant.attributes.find("narrow_range"))};
}

bool same_ends(const TrainedRange& a, const TrainedRange& b) {
  return a.min == b.min && a.max == b.max && a.narrow == b.narrow;
}

// Of the ranges that stand right behind a tensor the widest is its own: the others cut what it has.
Ranges own_ranges(const Graph& g) {
  std::vector<bool> is_cut(g.tensors.size());  // written by a FAKE_QUANT
  Ranges ranges;
  for (const Node& n : g.nodes) {
    if (n.op != OpCode::FAKE_QUANT) continue;
    is_cut[static_cast<size_t>(n.outputs[0])] = true;
    if (is_cut[static_cast<size_t>(n.inputs[0])]) continue;
    const TrainedRange range = range_of(n);
    const auto [own, is_first] = ranges.try_emplace(n.inputs[0], range);
    if (!is_first && range.max - range.min > own->second.max - own->second.min) own->second = range;
  }
  return ranges;
}

}  // namespace

Ranges take_ranges(Lowered& lowered, bool is_for_integers) {
  Graph& g = lowered.model.graphs[0];
  Ranges ranges = own_ranges(g);
  std::vector<TensorId> instead(g.tensors.size());
  for (size_t i = 0; i < instead.size(); ++i) instead[i] = static_cast<TensorId>(i);
  std::vector<bool> gone(g.nodes.size());
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    Node& n = g.nodes[i];
    for (TensorId& id : n.inputs) {
      if (id != kNoTensor) id = instead[static_cast<size_t>(id)];
    }
    if (n.op != OpCode::FAKE_QUANT) continue;
    const TrainedRange range = range_of(n);
    if (is_for_integers && !same_ends(range, ranges.at(n.inputs[0]))) {
      ranges[n.outputs[0]] = range;
      n.op = OpCode::QUANTIZE;
      n.attributes = {};
      n.attributes.set_table("QuantizeOptions");
      continue;
    }
    instead[static_cast<size_t>(n.outputs[0])] = n.inputs[0];
    gone[i] = true;
  }
  for (TensorId& id : g.outputs) {
    const TensorId to = instead[static_cast<size_t>(id)];
    if (to != id && !g.is_input(to)) g.tensor(to).name = g.tensor(id).name;  // the name that was asked for
    id = to;
  }
  erase_nodes(g, gone);
  return ranges;
}

}  // namespace monolite::conversion
