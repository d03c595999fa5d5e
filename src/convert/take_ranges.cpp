#include "convert/passes.h"
#include "convert/uses.h"

namespace monolite::conversion {

Ranges take_ranges(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Ranges ranges;
  std::vector<TensorId> instead(g.tensors.size());
  for (size_t i = 0; i < instead.size(); ++i) instead[i] = static_cast<TensorId>(i);
  std::vector<bool> gone(g.nodes.size());
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    Node& n = g.nodes[i];
    for (TensorId& id : n.inputs) {
      if (id != kNoTensor) id = instead[static_cast<size_t>(id)];
    }
    if (n.op != OpCode::FAKE_QUANT) continue;
    const auto number = [&](const char* field) { return std::get<double>(*n.attributes.find(field)); };
    ranges.try_emplace(n.inputs[0],
                       TrainedRange{number("min"), number("max"), std::get<bool>(*n.attributes.find("narrow_range"))});
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
