#include "convert/match.h"
#include "convert/passes.h"
#include "passes/graph_edit.h"

namespace monolite::conversion {

int divide_as_product(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  int changed = 0;
  for (Node& n : g.nodes) {
    if (n.op != OpCode::DIV || !is_plain(n)) continue;
    const Tensor& divisor = g.tensor(n.inputs[1]);
    if (!divisor.is_constant() || divisor.dtype != DType::float32) continue;
    if (lowered.constant_ranges.contains(n.inputs[1])) continue;
    std::vector<float> inverse = passes::floats(divisor);
    for (float& v : inverse) v = 1.0f / v;
    Tensor t = divisor;
    t.name += "/inverse";
    t.data = Buffer::of(std::move(inverse));
    const TensorId factor = g.add(std::move(t));
    replace(n, OpCode::MUL, {n.inputs[0], factor}, "MulOptions");
    ++changed;
  }
  return changed;
}

}  // namespace monolite::conversion
