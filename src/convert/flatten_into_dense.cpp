#include "convert/passes.h"
#include "convert/uses.h"

namespace monolite::conversion {

int flatten_into_dense(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Uses uses(g);
  int merged = 0;
  for (Node& n : g.nodes) {
    if (n.op != OpCode::FULLY_CONNECTED) continue;
    const int producer = uses.producer(n.inputs[0]);
    if (producer < 0 || g.nodes[static_cast<size_t>(producer)].op != OpCode::RESHAPE) continue;
    const TensorId x = g.nodes[static_cast<size_t>(producer)].inputs[0];
    const Shape &rows = g.tensor(n.inputs[0]).shape, &whole = g.tensor(x).shape;
    if (rows.rank() != 2 || whole.rank() < 2 || whole.back(0) != rows.back(0)) continue;
    n.inputs[0] = x;  // the RESHAPE goes where nobody else reads it: see tidy()
    ++merged;
  }
  erase_unread(g);
  return merged;
}

}  // namespace monolite::conversion
