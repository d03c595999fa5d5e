// BATCH_MATMUL: the bits of the reference backend on int8, near it in float32.

#include "ops/batch_matmul.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

Model batch_matmul(DType type, const Shape& lhs, const Shape& rhs, bool adj_y, int rhs_zero_point, float out_scale) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const bool is_int = type == DType::int8;
  const auto quantization = [&](float scale, int zero_point) {
    return is_int ? per_tensor(scale, zero_point) : Quantization{};
  };
  const auto a = g.input("a", type, lhs, quantization(0.031f, -7));
  const auto b = g.input("b", type, rhs, quantization(0.027f, rhs_zero_point));
  const auto y = g.tensor("y", type, {}, quantization(out_scale, 11));
  g.node(OpCode::BATCH_MATMUL, {a, b}, {y}, "BatchMatMulOptions", ops::BatchMatMul{false, adj_y});
  g.output(y);
  return model;
}

TEST(BatchMatMul, HasTheReferencesBits) {
  for (const bool adj_y : {false, true}) {
    for (const int columns : {1, 15, 16, 33, 64, 65, 130}) {
      for (const int depth : {1, 3, 4, 32, 77}) {
        const Shape rhs = adj_y ? Shape{2, columns, depth} : Shape{2, depth, columns};
        testing::expect_same_bits(batch_matmul(DType::int8, {2, 13, depth}, rhs, adj_y, depth % 2 * 3, 0.05f),
                                  "gemm_q8");
        testing::expect_same_bits(batch_matmul(DType::float32, {2, 13, depth}, rhs, adj_y, 0, 0), "gemm_f32");
      }
    }
  }
}

TEST(BatchMatMul, HasTheReferencesBitsForAllZeroPointsAndScales) {
  for (const int zero_point : {-128, -127, -4, 0, 1, 127}) {
    for (const float scale : {0.0004f, 0.02f, 1.5f}) {
      testing::expect_same_bits(batch_matmul(DType::int8, {1, 9, 40}, {1, 40, 20}, false, zero_point, scale),
                                "gemm_q8");
    }
  }
}

// Scales that no trained model has, up to those whose results pass 32 bits.
TEST(BatchMatMul, HasTheReferencesBitsForTinyOutputScales) {
  for (const float scale : {1e-5f, 1e-6f, 1e-7f, 1e-9f, 1e-13f, 1e-40f}) {
    testing::expect_same_bits(batch_matmul(DType::int8, {1, 9, 40}, {1, 40, 20}, false, 3, scale), "");
  }
}

TEST(BatchMatMul, RepeatsMatricesOfEitherSide) {
  const std::pair<Shape, Shape> shapes[] = {
      {{3, 1, 5, 8}, {1, 2, 8, 6}}, {{2, 5, 8}, {8, 6}}, {{5, 8}, {3, 8, 6}}, {{1, 3, 5, 8}, {1, 3, 8, 6}}};
  for (const auto& [lhs, rhs] : shapes) {
    testing::expect_same_bits(batch_matmul(DType::int8, lhs, rhs, false, 2, 0.05f), "gemm_q8");
    testing::expect_same_bits(batch_matmul(DType::float32, lhs, rhs, false, 0, 0), "gemm_f32");
  }
}

}  // namespace
}  // namespace monolite::runtime
