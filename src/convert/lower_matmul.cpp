// Matrix products: FULLY_CONNECTED where one side is a constant matrix, else BATCH_MATMUL.

#include "convert/lowerings.h"

namespace monolite::conversion {

namespace tf = monolite::tensorflow;

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
    const std::string name = b.name;
    ML_ASSIGN(weights, transposed(l, name, in[1], {1, 0}));  // [in, out] -> [out, in]
  }
  return one(l.emit(n.name, OpCode::FULLY_CONNECTED, {in[0], weights}, DType::float32, "FullyConnectedOptions"));
}

Outputs lower_batch_matmul(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(l.emit(n.name, OpCode::BATCH_MATMUL, in, l.tensor(in[0]).dtype, "BatchMatMulOptions",
                    {{"adj_x", n.attr_or("adj_x", false)}, {"adj_y", n.attr_or("adj_y", false)}}));
}

}  // namespace monolite::conversion
