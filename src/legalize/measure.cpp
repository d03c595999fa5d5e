#include "legalize/measure.h"

#include <numeric>

#include "legalize/verify.h"

namespace monolite::legalize {
namespace {

Model alone(const Graph& graph, const std::vector<Node>& nodes, TensorId in, TensorId out) {
  Model model;
  model.graphs.resize(1);
  Graph& g = model.main();
  g.tensors = graph.tensors;
  g.nodes = nodes;
  g.inputs = {in};
  g.outputs = {out};
  return model;
}

}  // namespace

std::optional<double> largest_difference(const Graph& graph, const std::vector<Node>& before,
                                         const std::vector<Node>& after, TensorId in, TensorId out) {
  std::vector<uint8_t> bytes(256);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  const ops::Value all{graph.tensor(in).dtype, {1, 1, 16, 16}, Buffer::of(std::move(bytes))};
  const std::vector<std::vector<ops::Value>> inputs = {{all}};
  const auto compared = verify(alone(graph, before, in, out), alone(graph, after, in, out), inputs);
  return compared ? std::optional(compared->largest_steps()) : std::nullopt;
}

Proof proof_of(double steps) { return steps == 0 ? Proof::exact : steps <= 1 ? Proof::one_lsb : Proof::approximate; }

}  // namespace monolite::legalize
