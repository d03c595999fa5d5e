// Conv2D, DepthwiseConv2dNative and Conv2DBackpropInput (the transposed convolution): filters from TensorFlow's order
// of axes to the IR's.

#include <fmt/format.h>

#include "base/text.h"
#include "convert/lowerings.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

struct Geometry {
  std::pair<int64_t, int64_t> stride, dilation;
  int64_t padding = kSame;
  TensorId input = kNoTensor;  // padded where the node pads explicitly
};

Expected<Geometry> geometry(Lowering& l, const tf::Node& n, TensorId input) {
  ML_TRY(expect_nhwc(n));
  Geometry g;
  ML_ASSIGN(g.stride, height_width(n, "strides"));
  ML_ASSIGN(g.dilation, height_width(n, "dilations"));
  g.input = input;
  const std::string padding = n.attr_or<std::string>("padding", "SAME");
  if (padding == "SAME") return g;
  g.padding = kValid;
  if (padding == "VALID") return g;
  const auto* explicit_paddings = n.attr<std::vector<int64_t>>("explicit_paddings");
  if (padding != "EXPLICIT" || explicit_paddings == nullptr || explicit_paddings->size() != 8) {
    return Unexpected(node_error(n, "padding " + printable(padding), "SAME, VALID or EXPLICIT with eight numbers"));
  }
  std::vector<int32_t> amounts(explicit_paddings->begin(), explicit_paddings->end());
  const TensorId constant = l.add_constant<int32_t>(n.name + "/paddings", {4, 2}, std::move(amounts));
  ML_ASSIGN(g.input, l.emit(n.name + "/pad", OpCode::PAD, {input, constant}, l.tensor(input).dtype, "PadOptions"));
  return g;
}

// The filter as a constant of another order, its trained range kept.
TensorId filter_constant(Lowering& l, TensorId original, Shape shape, Buffer data) {
  const std::string name = l.tensor(original).name;
  const TensorId id = l.add_constant(name, DType::float32, shape, std::move(data));
  const auto range = l.lowered().constant_ranges.find(original);
  if (range != l.lowered().constant_ranges.end()) l.lowered().constant_ranges[id] = TrainedRange(range->second);
  return id;
}

Expected<void> expect_filter(Lowering& l, const tf::Node& n, TensorId filter) {
  if (l.shape(filter).rank() == 4 && l.tensor(filter).dtype == DType::float32 && l.shape(filter).elements() > 0)
    return {};
  return Unexpected(
      node_error(n, "a filter " + to_string(l.shape(filter)) + " of " + std::string(name(l.tensor(filter).dtype)),
                 "float32 of four axes: height, width, inputs, outputs"));
}

// HWIO -> OHWI
Expected<TensorId> convolution_filter(Lowering& l, const tf::Node& n, TensorId filter) {
  const Shape f = l.shape(filter);
  if (!l.tensor(filter).is_constant()) {
    const TensorId order = int32_constant(l, n.name + "/filter_order", {3, 0, 1, 2});
    return l.emit(n.name + "/filter", OpCode::TRANSPOSE, {filter, order}, DType::float32, "TransposeOptions");
  }
  const auto from = l.values<float>(filter);
  const auto outputs = static_cast<size_t>(f[3]), inner = from.size() / outputs;
  std::vector<float> to(from.size());
  for (size_t i = 0; i < inner; ++i) {
    for (size_t o = 0; o < outputs; ++o) to[o * inner + i] = from[i * outputs + o];
  }
  return filter_constant(l, filter, {f[3], f[0], f[1], f[2]}, Buffer::of(std::move(to)));
}

}  // namespace

Outputs lower_conv_2d(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  ML_TRY(expect_filter(l, n, in[1]));
  ML_ASSIGN(const Geometry g, geometry(l, n, in[0]));
  ML_ASSIGN(const TensorId filter, convolution_filter(l, n, in[1]));
  return one(l.emit(n.name, OpCode::CONV_2D, {g.input, filter}, DType::float32, "Conv2DOptions",
                    {{"padding", g.padding},
                     {"stride_h", g.stride.first},
                     {"stride_w", g.stride.second},
                     {"dilation_h_factor", g.dilation.first},
                     {"dilation_w_factor", g.dilation.second}}));
}

Outputs lower_depthwise_conv_2d(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  ML_TRY(expect_filter(l, n, in[1]));
  ML_ASSIGN(const Geometry g, geometry(l, n, in[0]));
  const Shape f = l.shape(in[1]);
  // [h, w, channels, multiplier] and [1, h, w, channels * multiplier] hold the same elements in the same order.
  if (int64_t{f[2]} * f[3] > INT32_MAX) return Unexpected(node_error(n, "a filter " + to_string(f), "fewer channels"));
  const Shape own{1, f[0], f[1], f[2] * f[3]};
  TensorId filter = kNoTensor;
  if (l.tensor(in[1]).is_constant()) {
    filter = filter_constant(l, in[1], own, l.tensor(in[1]).data);
  } else {
    const TensorId shape = int32_constant(l, n.name + "/filter_shape", {1, f[0], f[1], own[3]});
    ML_ASSIGN(filter, l.emit(n.name + "/filter", OpCode::RESHAPE, {in[1], shape}, DType::float32, "ReshapeOptions"));
  }
  return one(l.emit(n.name, OpCode::DEPTHWISE_CONV_2D, {g.input, filter}, DType::float32, "DepthwiseConv2DOptions",
                    {{"padding", g.padding},
                     {"stride_h", g.stride.first},
                     {"stride_w", g.stride.second},
                     {"depth_multiplier", int64_t{f[3]}},
                     {"dilation_h_factor", g.dilation.first},
                     {"dilation_w_factor", g.dilation.second}}));
}

// Inputs: the result's shape (whole, or height and width), the filter [h, w, out, in], the picture.
Outputs lower_transpose_conv(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  ML_TRY(expect_nhwc(n));
  ML_TRY(expect_filter(l, n, in[1]));
  ML_ASSIGN(const auto stride, height_width(n, "strides"));
  ML_ASSIGN(const auto dilation, height_width(n, "dilations"));
  const std::string padding = n.attr_or<std::string>("padding", "SAME");
  if ((padding != "SAME" && padding != "VALID") || dilation.first != 1 || dilation.second != 1)
    return Unexpected(node_error(
        n, "padding " + printable(padding) + fmt::format(", dilations {}x{}", dilation.first, dilation.second),
        "SAME or VALID, no dilation"));
  ML_ASSIGN(std::vector<int64_t> size, l.ints(n, in, 0));
  const Shape x = l.shape(in[2]), f = l.shape(in[1]);
  if (size.size() == 2 && x.rank() == 4) size = {x[0], size[0], size[1], f[2]};
  if (size.size() != 4) return Unexpected(node_error(n, fmt::format("a shape of {} extents", size.size()), "4"));
  ML_ASSIGN(const TensorId filter, transposed(l, l.tensor(in[1]).name + "/transposed", in[1], {2, 0, 1, 3}));
  const TensorId shape = int32_constant(l, n.name + "/output_shape", size);
  return one(l.emit(
      n.name, OpCode::TRANSPOSE_CONV, {shape, filter, in[2]}, DType::float32, "TransposeConvOptions",
      {{"padding", padding == "SAME" ? kSame : kValid}, {"stride_h", stride.first}, {"stride_w", stride.second}}));
}

}  // namespace monolite::conversion
