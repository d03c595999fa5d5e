#include "convert/graphviz.h"

#include <fmt/format.h>

#include "base/text.h"
#include "convert/uses.h"

namespace monolite::conversion {
namespace {

// As it may stand between double quotes.
std::string quoted(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string kind(const Tensor& t) { return fmt::format("{} {}", name(t.dtype), to_string(t.shape)); }

}  // namespace

std::string graphviz(const Model& model) {
  const Graph& g = model.main();
  Uses uses(g);
  std::string text = "digraph model {\n  node [shape=box];\n";
  for (const TensorId id : g.inputs)
    text += fmt::format("  t{} [shape=ellipse, label=\"{}\"];\n", id, quoted(g.tensor(id).name));
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    const std::string output = g.nodes[i].outputs.empty() ? "" : quoted(g.tensor(g.nodes[i].outputs[0]).name);
    text += fmt::format("  n{} [label=\"{}\\n{}\"];\n", i, quoted(op_name(g.nodes[i])), output);
    for (const TensorId id : g.nodes[i].inputs) {
      if (id == kNoTensor || g.tensor(id).is_constant()) continue;
      const int producer = uses.producer(id);
      const std::string from = producer < 0 ? fmt::format("t{}", id) : fmt::format("n{}", producer);
      text += fmt::format("  {} -> n{} [label=\"{}\"];\n", from, i, kind(g.tensor(id)));
    }
  }
  for (const TensorId id : g.outputs) {
    text += fmt::format("  t{} [shape=ellipse, label=\"{}\"];\n", id, quoted(g.tensor(id).name));
    if (uses.producer(id) >= 0)
      text += fmt::format("  n{} -> t{} [label=\"{}\"];\n", uses.producer(id), id, kind(g.tensor(id)));
  }
  return text + "}\n";
}

}  // namespace monolite::conversion
