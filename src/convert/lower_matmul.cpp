// Matrix products: FULLY_CONNECTED where one side is a constant matrix, else BATCH_MATMUL.

#include "convert/lowerings.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

// [in, out] -> [out, in]
TensorId transposed(Lowering& l, TensorId matrix) {
  const Shape m = l.shape(matrix);
  const auto from = l.values<float>(matrix);
  const auto rows = static_cast<size_t>(m[0]), columns = static_cast<size_t>(m[1]);
  std::vector<float> to(from.size());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
  const std::string name = l.tensor(matrix).name;
  return l.add_constant<float>(name, {m[1], m[0]}, std::move(to));
}

}  // namespace

Outputs lower_matmul(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  const bool transpose_a = n.attr_or("transpose_a", false), transpose_b = n.attr_or("transpose_b", false);
  const Tensor& b = l.tensor(in[1]);
  if (transpose_a || !b.is_constant() || b.dtype != DType::float32 || l.shape(in[1]).rank() != 2) {
    return one(l.emit(n.name, OpCode::BATCH_MATMUL, in, l.tensor(in[0]).dtype, "BatchMatMulOptions",
                      {{"adj_x", transpose_a}, {"adj_y", transpose_b}}));
  }
  TensorId weights = in[1];
  if (!transpose_b) {
    weights = transposed(l, in[1]);
    const auto range = l.lowered().constant_ranges.find(in[1]);
    if (range != l.lowered().constant_ranges.end()) l.lowered().constant_ranges[weights] = TrainedRange(range->second);
  }
  return one(l.emit(n.name, OpCode::FULLY_CONNECTED, {in[0], weights}, DType::float32, "FullyConnectedOptions"));
}

Outputs lower_batch_matmul(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(l.emit(n.name, OpCode::BATCH_MATMUL, in, l.tensor(in[0]).dtype, "BatchMatMulOptions",
                    {{"adj_x", n.attr_or("adj_x", false)}, {"adj_y", n.attr_or("adj_y", false)}}));
}

}  // namespace monolite::conversion
