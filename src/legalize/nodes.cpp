#include "legalize/nodes.h"

#include "ops/resize_bilinear.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"

namespace monolite::legalize {
namespace {

using passes::make_node;

Node with_version(const Graph& graph, Node node) {
  passes::set_minimal_version(graph, node);
  return node;
}

TensorId list(Graph& graph, TensorId beside, const char* what, std::vector<int32_t> values) {
  const auto count = static_cast<int32_t>(values.size());
  return passes::add_constant<int32_t>(graph, graph.tensor(beside).name + what, {count}, std::move(values));
}

}  // namespace

Node slice(Graph& graph, TensorId in, TensorId out, std::vector<int32_t> begin, std::vector<int32_t> size) {
  const TensorId begin_id = list(graph, out, "/begin", std::move(begin));
  const TensorId size_id = list(graph, out, "/size", std::move(size));
  return with_version(graph,
                      make_node(OpCode::SLICE, {in, begin_id, size_id}, {out}, "SliceOptions", passes::Options{}));
}

Node strided_slice(Graph& graph, TensorId in, TensorId out, std::vector<int32_t> begin, std::vector<int32_t> end,
                   std::vector<int32_t> strides) {
  const TensorId begin_id = list(graph, out, "/begin", std::move(begin));
  const TensorId end_id = list(graph, out, "/end", std::move(end));
  const TensorId strides_id = list(graph, out, "/strides", std::move(strides));
  return with_version(graph, make_node(OpCode::STRIDED_SLICE, {in, begin_id, end_id, strides_id}, {out},
                                       "StridedSliceOptions", passes::Options{}));
}

Node reshape(Graph& graph, TensorId in, TensorId out, const Shape& shape) {
  const TensorId to = list(graph, out, "/shape", shape.dims());
  const std::vector<int64_t> dims(shape.begin(), shape.end());
  return with_version(graph, make_node(OpCode::RESHAPE, {in, to}, {out}, "ReshapeOptions", {{"new_shape", dims}}));
}

Node concatenation(Graph& graph, std::vector<TensorId> in, TensorId out, int32_t axis) {
  return with_version(
      graph, make_node(OpCode::CONCATENATION, std::move(in), {out}, "ConcatenationOptions", {{"axis", int64_t{axis}}}));
}

Node resize_bilinear(Graph& graph, TensorId in, TensorId out, int32_t height, int32_t width) {
  const TensorId size = list(graph, out, "/size", {height, width});
  return with_version(
      graph, make_node(OpCode::RESIZE_BILINEAR, {in, size}, {out}, "ResizeBilinearOptions", ops::ResizeBilinear{}));
}

Node quantize(Graph& graph, TensorId in, TensorId out) {
  Node made = make_node(OpCode::QUANTIZE, {in}, {out}, "QuantizeOptions", passes::Options{});
  if (graph.tensor(in).dtype != DType::float32) made.version = 2;  // from 8-bit types: since version 2
  return made;
}

Node dequantize(Graph& graph, TensorId in, TensorId out) {
  return with_version(graph, make_node(OpCode::DEQUANTIZE, {in}, {out}, "DequantizeOptions", passes::Options{}));
}

Node cast(Graph& graph, TensorId in, TensorId out) {
  return make_node(OpCode::CAST, {in}, {out}, "CastOptions",
                   {{"in_data_type", static_cast<int64_t>(graph.tensor(in).dtype)},
                    {"out_data_type", static_cast<int64_t>(graph.tensor(out).dtype)}});
}

Node depthwise(Graph& graph, TensorId in, TensorId out, int32_t channels, const FlatFilter& f) {
  const std::string name = graph.tensor(out).name;  // a copy: adding tensors moves them
  const Shape shape{1, f.height, f.width, channels};
  const Buffer weights =
      Buffer::of(std::vector<uint8_t>(static_cast<size_t>(shape.elements()), static_cast<uint8_t>(f.value)));
  const float input_scale = graph.tensor(in).quantization.scale[0];
  const TensorId filter =
      passes::add_constant(graph, name + "/weights", graph.tensor(in).dtype, shape, weights, per_tensor(f.scale, 0));
  const TensorId bias = passes::add_constant<int32_t>(graph, name + "/bias", {channels},
                                                      std::vector<int32_t>(static_cast<size_t>(channels), f.bias),
                                                      per_tensor(input_scale * f.scale, 0));
  return with_version(graph, make_node(OpCode::DEPTHWISE_CONV_2D, {in, filter, bias}, {out}, "DepthwiseConv2DOptions",
                                       {{"padding", int64_t{1}},
                                        {"stride_w", int64_t{f.stride_w}},
                                        {"stride_h", int64_t{f.stride_h}},
                                        {"depth_multiplier", int64_t{1}},
                                        {"fused_activation_function", f.activation},
                                        {"dilation_w_factor", int64_t{1}},
                                        {"dilation_h_factor", int64_t{1}}}));
}

}  // namespace monolite::legalize
