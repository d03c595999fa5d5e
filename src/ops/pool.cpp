#include "ops/pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/work.h"

namespace monolite::ops {

WindowAxes pool_axes(const NodeView& n, const Pool2D& a) {
  const Shape& in = n.shape(0);
  return {{in[1], a.filter_height, a.stride_h, 1, a.padding}, {in[2], a.filter_width, a.stride_w, 1, a.padding}};
}

Expected<void> verify_pool(const NodeView& n, const Pool2D& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(0, 4));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  if (a.stride_w < 1 || a.stride_h < 1 || a.filter_width < 1 || a.filter_height < 1) {
    return Unexpected(
        n.fail(fmt::format("window {}x{}, stride {}x{}", a.filter_height, a.filter_width, a.stride_h, a.stride_w),
               "at least 1 each"));
  }
  return {};
}

Expected<Shapes> infer_pool(const NodeView& n, const Pool2D& a) {
  const auto [y, x] = pool_axes(n, a);
  return Shapes{{n.shape(0)[0], y.out(), x.out(), n.shape(0)[3]}};
}

Cost pool_cost(const NodeView& n, const Pool2D& a) {
  const Shape& in = n.shape(0);
  const int64_t rows = std::min(in[1], a.filter_height), columns = std::min(in[2], a.filter_width);
  return {.visits = saturated_product({n.output_shape(0).elements(), rows, columns})};
}

Expected<void> expect_pool_types(const NodeView& n, const Pool2D& a) {
  ML_TRY(n.expect_dtype(0, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  ML_TRY(n.expect_same_dtype(0, 0));
  const bool needs_scale = n.dtype(0) != DType::float32 && a.fused_activation_function != Activation::none;
  return needs_scale ? n.expect_output_quantized(0) : Expected<void>();
}

}  // namespace monolite::ops
