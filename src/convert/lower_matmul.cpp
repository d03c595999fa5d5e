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

namespace {

// All matrices times the same constant one: a dense layer over all their rows, whose result has the left side's axes.
Outputs dense_rows(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in, bool transpose_b) {
  const std::string weights_name = l.tensor(in[1]).name;
  TensorId weights = in[1];
  if (!transpose_b) {
    ML_ASSIGN(weights, transposed(l, weights_name, in[1], {1, 0}));
  }
  Shape out = l.shape(in[0]);
  out[out.rank() - 1] = l.shape(weights)[0];
  const bool is_matrix = out.rank() == 2;
  ML_ASSIGN(const TensorId rows, l.emit(is_matrix ? n.name : n.name + "/rows", OpCode::FULLY_CONNECTED,
                                        {in[0], weights}, DType::float32, "FullyConnectedOptions"));
  return one(reshaped(l, n.name, rows, out));
}

}  // namespace

Outputs lower_batch_matmul(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  const Tensor& b = l.tensor(in[1]);
  const Shape left = l.shape(in[0]), right = l.shape(in[1]);
  const bool adj_x = n.attr_or("adj_x", false), adj_y = n.attr_or("adj_y", false);
  if (!adj_x && b.is_constant() && b.dtype == DType::float32 && right.rank() == 2 && left.rank() >= 2 &&
      left.back(0) == right[adj_y ? 1 : 0]) {
    return dense_rows(l, n, in, adj_y);
  }
  return one(l.emit(n.name, OpCode::BATCH_MATMUL, in, l.tensor(in[0]).dtype, "BatchMatMulOptions",
                    {{"adj_x", adj_x}, {"adj_y", adj_y}}));
}

}  // namespace monolite::conversion
