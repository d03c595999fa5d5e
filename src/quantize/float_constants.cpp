#include "quantize/float_constants.h"

#include <optional>

#include "base/float16.h"
#include "passes/graph_edit.h"

namespace monolite::quantize {
namespace {

bool has_filter(OpCode op) {
  return op == OpCode::CONV_2D || op == OpCode::DEPTHWISE_CONV_2D || op == OpCode::FULLY_CONNECTED;
}

// The reals that a constant stands for, as a float32 constant; nothing for types and schemes that are not known here.
std::optional<Tensor> as_float(const Tensor& t) {
  const auto elements = t.shape.checked_elements();
  const Quantization& q = t.quantization;
  if (!t.is_constant() || t.sparsity || !elements || size_bytes(t.dtype) == 0 ||
      static_cast<size_t>(*elements) * static_cast<size_t>(size_bytes(t.dtype)) != t.data.size_bytes()) {
    return {};
  }
  const auto count = static_cast<size_t>(*elements);
  std::vector<float> values(count);
  if (t.dtype == DType::float16) {
    for (size_t i = 0; i < count; ++i) values[i] = float_from_half(t.data.get<uint16_t>(i));
  } else if (t.dtype == DType::int8 && q.is_quantized()) {
    if (q.is_per_channel() && (q.dimension < 0 || q.dimension >= t.shape.rank() ||
                               t.shape[q.dimension] != static_cast<int32_t>(q.scale.size()))) {
      return {};
    }
    const auto inner = static_cast<size_t>(q.is_per_channel() ? t.shape.elements(q.dimension + 1, t.shape.rank()) : 1);
    for (size_t i = 0; i < count; ++i) {
      const size_t channel = i / inner % q.scale.size();
      const int64_t zero = channel < q.zero_point.size() ? q.zero_point[channel] : 0;
      values[i] = q.scale[channel] * static_cast<float>(t.data.get<int8_t>(i) - zero);
    }
  } else {
    return {};
  }
  Tensor made = t;
  made.dtype = DType::float32;
  made.quantization = {};
  made.data = Buffer::of(std::move(values));
  return made;
}

}  // namespace

int float_constants(Model& model) {
  Graph& g = model.main();
  int count = 0;
  std::vector<Node> kept;
  for (Node& n : g.nodes) {
    if (n.op == OpCode::DEQUANTIZE && n.inputs.size() == 1 && n.outputs.size() == 1 && n.inputs[0] != kNoTensor &&
        n.outputs[0] != kNoTensor && !g.is_output(n.outputs[0])) {
      if (const auto made = as_float(g.tensor(n.inputs[0]))) {
        g.tensor(n.outputs[0]).data = made->data;
        g.tensor(n.outputs[0]).shape = made->shape;
        ++count;
        continue;
      }
    }
    const bool is_hybrid = has_filter(n.op) && n.inputs.size() >= 2 && n.inputs[0] != kNoTensor &&
                           n.inputs[1] != kNoTensor && g.tensor(n.inputs[0]).dtype == DType::float32 &&
                           g.tensor(n.inputs[1]).dtype == DType::int8;
    if (is_hybrid) {
      if (auto made = as_float(g.tensor(n.inputs[1]))) {
        n.inputs[1] = g.add(std::move(*made));
        ++count;
      }
    }
    kept.push_back(std::move(n));
  }
  g.nodes = std::move(kept);
  return count;
}

}  // namespace monolite::quantize
