#include "api/table_rows.h"

#include <algorithm>
#include <vector>

#include "ops/gather.h"

namespace monolite {
namespace {

// Are the values of the outputs those of the inputs?
bool keeps_values(OpCode op) {
  switch (op) {
    case OpCode::CAST:
    case OpCode::CONCATENATION:
    case OpCode::EXPAND_DIMS:
    case OpCode::PACK:
    case OpCode::RESHAPE:
    case OpCode::SLICE:
    case OpCode::SPLIT:
    case OpCode::SQUEEZE:
    case OpCode::STRIDED_SLICE:
    case OpCode::TRANSPOSE:
    case OpCode::UNPACK:
      return true;
    default:
      return false;
  }
}

// The rows of the table that input k of the node picks from.
int64_t picked_rows(const Graph& graph, const Node& node, size_t k) {
  if (node.op == OpCode::EMBEDDING_LOOKUP && k == 0 && node.inputs.size() > 1 && node.inputs[1] != kNoTensor) {
    const Shape& table = graph.tensor(node.inputs[1]).shape;
    return table.rank() > 0 ? table[0] : kNoTable;
  }
  if (node.op != OpCode::GATHER || k != 1 || node.inputs[0] == kNoTensor) return kNoTable;
  const Shape& table = graph.tensor(node.inputs[0]).shape;
  const int axis = attributes_as<ops::Gather>(node.attributes).axis;
  const int at = axis < 0 ? axis + table.rank() : axis;
  return at >= 0 && at < table.rank() ? table[at] : kNoTable;
}

}  // namespace

int64_t table_rows(const Graph& graph, TensorId input) {
  std::vector<bool> carries(graph.tensors.size());
  carries[static_cast<size_t>(input)] = true;
  int64_t rows = kNoTable;
  for (const Node& node : graph.nodes) {
    for (size_t k = 0; k < node.inputs.size(); ++k) {
      if (node.inputs[k] == kNoTensor || !carries[static_cast<size_t>(node.inputs[k])]) continue;
      rows = std::min(rows, picked_rows(graph, node, k));
      if (!keeps_values(node.op)) continue;
      for (const TensorId id : node.outputs) carries[static_cast<size_t>(id)] = true;
    }
  }
  return rows;
}

}  // namespace monolite
