#include "quantize/channels.h"

#include "passes/graph_edit.h"

namespace monolite::quantize {
namespace {

constexpr std::ptrdiff_t kMostParts = 5;

Node concatenation(const Graph& graph, std::vector<TensorId> parts, TensorId out) {
  const int64_t axis = graph.tensor(out).shape.rank() - 1;
  return passes::make_node(OpCode::CONCATENATION, std::move(parts), {out}, "ConcatenationOptions",
                           passes::Options{{"axis", axis}});
}

}  // namespace

TensorId slice_channels(Graph& graph, TensorId x, int32_t first, int32_t count, std::vector<Node>& nodes) {
  Shape part = graph.tensor(x).shape;
  part[part.rank() - 1] = count;
  std::vector<int32_t> begin(static_cast<size_t>(part.rank()), 0), size;
  begin.back() = first;
  for (int d = 0; d < part.rank(); ++d) size.push_back(part[d]);
  const std::string name = graph.tensor(x).name;
  const TensorId out = passes::add_like(graph, x, "/channels", part);
  const TensorId b = passes::add_constant<int32_t>(graph, name + "/begin", {part.rank()}, begin);
  const TensorId s = passes::add_constant<int32_t>(graph, name + "/size", {part.rank()}, size);
  nodes.push_back(passes::make_node(OpCode::SLICE, {x, b, s}, {out}, "SliceOptions", passes::Options{}));
  return out;
}

std::vector<TensorId> slice_runs(Graph& graph, TensorId x, const std::vector<int32_t>& channels,
                                 std::vector<Node>& nodes) {
  std::vector<TensorId> parts;
  for (size_t from = 0; from < channels.size();) {
    size_t to = from + 1;
    while (to < channels.size() && channels[to] == channels[to - 1] + 1) ++to;
    parts.push_back(slice_channels(graph, x, channels[from], static_cast<int32_t>(to - from), nodes));
    from = to;
  }
  return parts;
}

void join_channels(Graph& graph, std::vector<TensorId> parts, TensorId out, std::vector<Node>& nodes) {
  while (static_cast<std::ptrdiff_t>(parts.size()) > kMostParts) {
    const std::vector<TensorId> last(parts.end() - kMostParts, parts.end());
    Shape shape = graph.tensor(out).shape;
    shape[shape.rank() - 1] = 0;
    for (const TensorId id : last) shape[shape.rank() - 1] += graph.tensor(id).shape.back(0);
    const TensorId joined = passes::add_like(graph, out, "/joined", shape);
    nodes.push_back(concatenation(graph, last, joined));
    parts.resize(parts.size() - last.size());
    parts.push_back(joined);
  }
  nodes.push_back(concatenation(graph, std::move(parts), out));
}

}  // namespace monolite::quantize
