// concatenation_in_parts
//   match    CONCATENATION of more than four tensors of one scale
//   rewrite  concatenations of at most four, joined again
//   proof    exact: elements are only moved
//   cost     every element but the last part's is written once more
//   for      targets that limit the number of inputs (XNNPACK: five)
#include <fmt/format.h>

#include <algorithm>

#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "ops/concatenation.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr size_t kMost = 4;

Outcome apply(const Site& site) {
  const std::vector<TensorId> inputs = site.node().inputs;
  if (inputs.size() <= kMost || !site.has_shapes(inputs.size())) return no_match();
  const TensorId out = site.output();
  const auto options = attributes_as<ops::Concatenation>(site.node().attributes);
  const int rank = site.shape(out).rank();
  const int axis = options.axis < 0 ? options.axis + rank : options.axis;
  if (axis < 0 || axis >= rank) return no_match();
  Graph& g = site.graph();
  for (const TensorId id : inputs) {
    if (!same_mapping(g.tensor(id).quantization, g.tensor(out).quantization))
      return no_match("its inputs have several scales");
  }
  std::vector<Node> made;
  std::vector<TensorId> rest = inputs;
  std::vector<Shape> shapes;
  for (const TensorId id : rest) shapes.push_back(site.shape(id));
  while (rest.size() > kMost) {
    Shape joined = shapes[0];
    joined[axis] = 0;
    for (size_t i = 0; i < kMost; ++i) joined[axis] += shapes[i][axis];
    const TensorId part = passes::add_like(g, out, "/part", joined);
    made.push_back(concatenation(g, {rest.begin(), rest.begin() + kMost}, part, axis));
    rest.erase(rest.begin() + 1, rest.begin() + kMost);
    shapes.erase(shapes.begin() + 1, shapes.begin() + kMost);
    rest[0] = part;
    shapes[0] = joined;
  }
  Node last = site.node();
  last.inputs = rest;
  made.push_back(std::move(last));
  const size_t parts = made.size();
  passes::replace_node(g, site.index, std::move(made));
  return Applied{.note = fmt::format("{} inputs joined by {} concatenations", inputs.size(), parts)};
}

}  // namespace

extern const Rewrite concatenation_in_parts;
const Rewrite concatenation_in_parts{.name = "concatenation_in_parts",
                                     .summary = "a concatenation of many as several of few",
                                     .proof = Proof::exact,
                                     .ops = {OpCode::CONCATENATION},
                                     .apply = apply};

}  // namespace monolite::legalize
