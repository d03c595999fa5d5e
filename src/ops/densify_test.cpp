#include "ops/op.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;

// 4x4 in blocks of 2x2, of which row 0 has the second and row 1 none: the format's own example of blocks.
Sparsity blocks() {
  Sparsity s;
  s.traversal_order = {0, 1, 2, 3};
  s.block_map = {0, 1};
  s.dimensions.resize(4);
  s.dimensions[0].dense_size = 2;
  s.dimensions[1] = {.is_sparse = true, .segments = {0, 1, 1}, .indices = {1}};
  s.dimensions[2].dense_size = 2;
  s.dimensions[3].dense_size = 2;
  return s;
}

OneGraph graph(Shape shape, std::vector<float> stored, Sparsity s) {
  OneGraph g;
  const auto x = g.builder.constant<float>("x", {static_cast<int32_t>(stored.size())}, stored);
  g.model.main().tensor(x).shape = std::move(shape);
  g.model.main().tensor(x).sparsity = std::make_shared<const Sparsity>(std::move(s));
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::DENSIFY, {x}, {y});
  g.builder.output(y);
  return g;
}

TEST(Densify, PutsBlocksWhereTheyStand) {
  OneGraph g = graph({4, 4}, {1, 2, 3, 4}, blocks());
  EXPECT_EQ(elements<float>(g.run({})), (std::vector<float>{0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Densify, ReadsColumnsFirstWhereTheOrderSaysSo) {
  Sparsity s;
  s.traversal_order = {1, 0};
  s.dimensions.resize(2);
  s.dimensions[0].dense_size = 3;
  s.dimensions[1] = {.is_sparse = true, .segments = {0, 1, 1, 3}, .indices = {1, 0, 1}};
  OneGraph g = graph({2, 3}, {5, 6, 7}, s);
  EXPECT_EQ(elements<float>(g.run({})), (std::vector<float>{0, 0, 6, 5, 0, 7}));
}

TEST(Densify, RefusesListsThatLeadOutside) {
  const auto error = [](auto change) {
    Sparsity s = blocks();
    change(s);
    return graph({4, 4}, {1, 2, 3, 4}, s).error({});
  };
  EXPECT_NE(error([](Sparsity& s) { s.dimensions[1].indices = {2}; }).find("a position beyond 2"), std::string::npos);
  EXPECT_NE(error([](Sparsity& s) { s.dimensions[0].dense_size = 9; }).find("level 0 of 9"), std::string::npos);
  EXPECT_NE(error([](Sparsity& s) { s.dimensions[2].dense_size = 3; }).find("blocks of 3"), std::string::npos);
  EXPECT_NE(error([](Sparsity& s) {
              s.traversal_order = {0, 1, 2, 2};
            }).find("entry 3 of the traversal"),
            std::string::npos);
  EXPECT_NE(error([](Sparsity& s) { s.block_map = {0, 7}; }).find("entry 1 of the block map"), std::string::npos);
  EXPECT_NE(error([](Sparsity& s) {
              s.dimensions[1].segments = {0, 5};
            }).find("the segments of level 1"),
            std::string::npos);
  EXPECT_NE(error([](Sparsity& s) {
              s.dimensions[1].segments = {0, 1, 2};
              s.dimensions[1].indices = {0, 1};
            }).find("8 elements, of which 4 are stored"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
