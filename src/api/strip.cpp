#include "api/strip.h"

#include <fmt/format.h>

#include "base/text.h"

namespace monolite {
namespace {

constexpr size_t kMostNames = 8;  // of one CPU piece; a longer one is counted

std::string cpu_text(const Graph& graph, const std::vector<int>& nodes) {
  if (nodes.size() > kMostNames) return fmt::format("{} nodes on the CPU", nodes.size());
  std::string text;
  for (const int i : nodes) {
    text += (text.empty() ? "" : " ") + printable(op_name(graph.nodes[static_cast<size_t>(i)]));
  }
  return text;
}

}  // namespace

std::string strip_text(const Model& model, const delegates::Verdict& verdict) {
  std::string text;
  for (const delegates::Segment& s : verdict.segments) {
    text += text.empty() ? "" : " ";
    text += s.is_delegated ? fmt::format("[{} node{}]", s.nodes.size(), s.nodes.size() == 1 ? "" : "s")
                           : cpu_text(model.main(), s.nodes);
  }
  return text;
}

}  // namespace monolite
