#include "passes/minimal_version.h"

#include "ops/conv_2d.h"
#include "ops/resize_bilinear.h"

namespace monolite::passes {
namespace {

DType type_of(const Graph& graph, const std::vector<TensorId>& ids, size_t i) {
  return i < ids.size() && ids[i] != kNoTensor ? graph.tensor(ids[i]).dtype : DType::float32;
}

// Most 8-bit operators: uint8 and float since version 1, int8 since 2; a type that came later is not known here.
int by_type(DType dtype) {
  switch (dtype) {
    case DType::float32:
    case DType::uint8:
      return 1;
    case DType::int8:
      return 2;
    default:
      return 0;
  }
}

int convolution_version(const Graph& graph, const Node& node) {
  const DType input = type_of(graph, node.inputs, 0), filter = type_of(graph, node.inputs, 1);
  if (node.inputs.size() < 2 || input != filter) return 0;
  const bool is_depthwise = node.op == OpCode::DEPTHWISE_CONV_2D;
  const auto options = attributes_as<ops::Conv2D>(node.attributes);
  const bool is_dilated = options.dilation_h_factor != 1 || options.dilation_w_factor != 1;
  if (!is_depthwise) {
    const Shape &x = graph.tensor(node.inputs[0]).shape, &f = graph.tensor(node.inputs[1]).shape;
    if (x.rank() != 4 || f.rank() != 4 || x[3] != f[3]) return 0;  // grouped, or not known
  }
  if (input == DType::int8) return 3;
  if (input != DType::float32 && input != DType::uint8) return 0;
  return is_depthwise && is_dilated ? 2 : 1;
}

int resize_version(const Graph& graph, const Node& node) {
  const auto options = attributes_as<ops::ResizeBilinear>(node.attributes);
  const bool is_nearest = node.op == OpCode::RESIZE_NEAREST_NEIGHBOR;
  if (options.half_pixel_centers || (is_nearest && options.align_corners)) return 3;
  return by_type(type_of(graph, node.inputs, 0));
}

// The bias came with version 3, the fused activation with 4.
int transpose_conv_version(const Graph& graph, const Node& node) {
  constexpr size_t kFilter = 1, kBias = 3;
  const int by_filter = by_type(type_of(graph, node.inputs, kFilter));
  const AttributeValue* activation = node.attributes.find("fused_activation_function");
  if (by_filter == 0) return 0;
  if (activation != nullptr && std::get<int64_t>(*activation) != 0) return 4;
  return node.inputs.size() > kBias && node.inputs[kBias] != kNoTensor ? 3 : by_filter;
}

}  // namespace

int minimal_version(const Graph& graph, const Node& node) {
  const DType input = type_of(graph, node.inputs, 0);
  switch (node.op) {
    case OpCode::CONV_2D:
    case OpCode::DEPTHWISE_CONV_2D:
      return convolution_version(graph, node);
    case OpCode::RESIZE_BILINEAR:
    case OpCode::RESIZE_NEAREST_NEIGHBOR:
      return resize_version(graph, node);
    case OpCode::TRANSPOSE_CONV:
      return transpose_conv_version(graph, node);
    case OpCode::BROADCAST_TO:
      return input == DType::int8 || input == DType::int16 ? 3 : 2;
    case OpCode::RESHAPE:
    case OpCode::SQUEEZE:
    case OpCode::DEPTH_TO_SPACE:
    case OpCode::HARD_SWISH:
    case OpCode::CAST:
      return 1;
    case OpCode::SLICE:
      if (input == DType::int32 || input == DType::int64) return 1;
      [[fallthrough]];
    case OpCode::ARG_MAX:
    case OpCode::ARG_MIN:
    case OpCode::AVERAGE_POOL_2D:
    case OpCode::MAX_POOL_2D:
    case OpCode::BATCH_TO_SPACE_ND:
    case OpCode::SPACE_TO_BATCH_ND:
    case OpCode::CONCATENATION:
    case OpCode::SPACE_TO_DEPTH:
    case OpCode::DEQUANTIZE:
    case OpCode::LOGISTIC:
    case OpCode::TANH:
    case OpCode::SOFTMAX:
    case OpCode::MEAN:
    case OpCode::PAD:
    case OpCode::PADV2:
    case OpCode::RELU:
    case OpCode::RELU6:
    case OpCode::ADD:
    case OpCode::SUB:
      return by_type(input);
    default:
      return 0;
  }
}

void set_minimal_version(const Graph& graph, Node& node) {
  if (const int version = minimal_version(graph, node); version > 0) node.version = version;
}

}  // namespace monolite::passes
