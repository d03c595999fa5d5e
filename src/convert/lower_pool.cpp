// Ops that look at a neighbourhood or along whole axes: pools, resizes, reductions, arg max.

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "base/text.h"
#include "convert/lowerings.h"

namespace monolite::conversion {

namespace tf = monolite::tensorflow;

Outputs lower_pool(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  ML_TRY(expect_nhwc(n));
  ML_ASSIGN(const auto window, height_width(n, "ksize"));
  ML_ASSIGN(const auto stride, height_width(n, "strides"));
  const std::string padding = n.attr_or<std::string>("padding", "VALID");
  if (padding != "SAME" && padding != "VALID") {
    return Unexpected(node_error(n, "padding " + printable(padding), "SAME or VALID"));
  }
  return one(l.emit(n.name, n.op == "AvgPool" ? OpCode::AVERAGE_POOL_2D : OpCode::MAX_POOL_2D, in,
                    l.tensor(in[0]).dtype, "Pool2DOptions",
                    {{"padding", padding == "SAME" ? kSame : kValid},
                     {"stride_h", stride.first},
                     {"stride_w", stride.second},
                     {"filter_height", window.first},
                     {"filter_width", window.second}}));
}

Outputs lower_resize(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  const bool bilinear = n.op == "ResizeBilinear";
  return one(l.emit(n.name, bilinear ? OpCode::RESIZE_BILINEAR : OpCode::RESIZE_NEAREST_NEIGHBOR, in,
                    l.tensor(in[0]).dtype, bilinear ? "ResizeBilinearOptions" : "ResizeNearestNeighborOptions",
                    {{"align_corners", n.attr_or("align_corners", false)},
                     {"half_pixel_centers", n.attr_or("half_pixel_centers", false)}}));
}

Outputs lower_reduction(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  static const std::map<std::string_view, OpCode> table = {
      {"All", OpCode::REDUCE_ALL}, {"Any", OpCode::REDUCE_ANY},   {"Max", OpCode::REDUCE_MAX}, {"Mean", OpCode::MEAN},
      {"Min", OpCode::REDUCE_MIN}, {"Prod", OpCode::REDUCE_PROD}, {"Sum", OpCode::SUM}};
  ML_TRY(expect_inputs(n, in, 2));
  ML_ASSIGN(const auto axes, l.ints(n, in, 1));
  return one(l.emit(n.name, table.at(n.op), {in[0], int32_constant(l, n.name + "/axes", axes)}, l.tensor(in[0]).dtype,
                    "ReducerOptions", {{"keep_dims", n.attr_or("keep_dims", n.attr_or("keepdims", false))}}));
}

Outputs lower_arg_max(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  ML_ASSIGN(const auto axis, l.ints(n, in, 1));
  if (axis.size() != 1) return Unexpected(node_error(n, fmt::format("{} axes", axis.size()), "one"));
  ML_ASSIGN(const DType type, dtype_of(n.attr_or("output_type", tf::DataType::int64)));
  const bool is_max = n.op == "ArgMax";
  const TensorId dimension = l.add_constant<int32_t>(n.name + "/dimension", Shape(), {static_cast<int32_t>(axis[0])});
  return one(l.emit(n.name, is_max ? OpCode::ARG_MAX : OpCode::ARG_MIN, {in[0], dimension}, type,
                    is_max ? "ArgMaxOptions" : "ArgMinOptions", {{"output_type", static_cast<int64_t>(type)}}));
}

Outputs lower_top_k(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return l.emit_many(n.name, {l.tensor(in[0]).dtype, DType::int32}, OpCode::TOPK_V2, {in[0], as_int32(l, in[1])},
                     "TopKV2Options");
}

Outputs lower_cumsum(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(l.emit(n.name, OpCode::CUMSUM, {in[0], as_int32(l, in[1])}, l.tensor(in[0]).dtype, "CumsumOptions",
                    {{"exclusive", n.attr_or("exclusive", false)}, {"reverse", n.attr_or("reverse", false)}}));
}

}  // namespace monolite::conversion
