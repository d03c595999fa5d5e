#include "ops/selection.h"

#include "ops/elementwise.h"

namespace monolite::ops {
namespace {

constexpr int kCondition = 0, kX = 1, kY = 2;

template <class T>
void select_bytes(const Evaluation& n, const Shape& condition_shape) {
  const BroadcastLoops loops = broadcast_loops(n.output_shape(0), {&condition_shape, &n.shape(kX), &n.shape(kY)});
  for_each_row(loops, [&](int64_t first, const std::array<int64_t, 3>& at) {
    const uint8_t* condition = n.data<uint8_t>(kCondition) + at[0];
    const T* x = n.data<T>(kX) + at[1];
    const T* y = n.data<T>(kY) + at[2];
    T* out = n.out<T>(0) + first;
    const auto [condition_step, x_step, y_step] = loops.row.steps;
    for (int64_t i = 0; i < loops.row.extent; ++i) {
      out[i] = condition[i * condition_step] != 0 ? x[i * x_step] : y[i * y_step];
    }
  });
}

}  // namespace

Expected<void> verify_selection_types(const NodeView& n) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kCondition, {DType::boolean}));
  ML_TRY(n.expect_dtype(kX, {DType::float32, DType::float16, DType::float64, DType::boolean, DType::int8, DType::uint8,
                             DType::int16, DType::uint16, DType::int32, DType::uint32, DType::int64, DType::uint64}));
  ML_TRY(n.expect_dtype(kY, {n.dtype(kX)}));
  return n.expect_same_dtype(kX, 0);
}

Shape selection_shape(const NodeView& n, Shape shape) {
  const Shape& stated = n.output(0).shape;
  return shape.elements() == 1 && stated.checked_elements() == 1 ? stated : shape;
}

Expected<void> select_elements(const Evaluation& n, const Shape& condition) {
  switch (size_bytes(n.dtype(kX))) {
    case 1:
      select_bytes<uint8_t>(n, condition);
      break;
    case 2:
      select_bytes<uint16_t>(n, condition);
      break;
    case 4:
      select_bytes<uint32_t>(n, condition);
      break;
    default:
      select_bytes<uint64_t>(n, condition);
  }
  return {};
}

}  // namespace monolite::ops
