#include "quantize/quantize_weights.h"

#include "base/float16.h"
#include "quantize/symmetric_filter.h"

namespace monolite::quantize {
namespace {

constexpr int64_t kLeastElements = 1024;  // below it, a filter is not worth its scales (as the real converters have it)

bool has_filter(OpCode op) {
  return op == OpCode::CONV_2D || op == OpCode::DEPTHWISE_CONV_2D || op == OpCode::FULLY_CONNECTED;
}

// A sparse one stays as it is: its bytes are the elements that it stores.
bool is_float_constant(const Tensor& t) {
  return t.is_constant() && t.dtype == DType::float32 && t.sparsity == nullptr;
}

}  // namespace

int quantize_filters(Graph& g) {
  int count = 0;
  for (Node& n : g.nodes) {
    if (!has_filter(n.op) || !is_float_constant(g.tensor(n.inputs[1]))) continue;
    Tensor t = g.tensor(n.inputs[1]);
    if (t.shape.elements() < kLeastElements) continue;
    SymmetricFilter filter = symmetric_filter(n.op, t);
    t.dtype = DType::int8;
    t.quantization = channel_quantization(filter.scales, filter.dimension);
    t.data = Buffer::of(std::move(filter.values));
    n.inputs[1] = g.add(std::move(t));
    ++count;
  }
  return count;
}

int halve_constants(Graph& g) {
  std::vector<Node> nodes;
  const size_t count = g.tensors.size();
  for (size_t i = 0; i < count; ++i) {
    const auto id = static_cast<TensorId>(i);
    if (!is_float_constant(g.tensor(id))) continue;
    Tensor half = g.tensor(id);
    half.name += "/float16";
    half.dtype = DType::float16;
    std::vector<uint16_t> values(static_cast<size_t>(half.shape.elements()));
    for (size_t k = 0; k < values.size(); ++k) values[k] = half_from_float(half.data.get<float>(k));
    half.data = Buffer::of(std::move(values));
    g.tensor(id).data = Buffer();
    Node n;
    n.op = OpCode::DEQUANTIZE;
    n.attributes.set_table("DequantizeOptions");
    n.inputs = {g.add(std::move(half))};
    n.outputs = {id};
    nodes.push_back(std::move(n));
  }
  const int halved = static_cast<int>(nodes.size());
  for (Node& n : g.nodes) nodes.push_back(std::move(n));
  g.nodes = std::move(nodes);
  return halved;
}

}  // namespace monolite::quantize
