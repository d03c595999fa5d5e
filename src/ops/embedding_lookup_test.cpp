#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

struct Lookup : OneGraph {
  Lookup(TensorId (*table)(GraphBuilder&)) {
    const auto indices = builder.input("indices", DType::int32, {2});
    const auto y = builder.tensor("y", DType::float32, {});
    builder.node(OpCode::EMBEDDING_LOOKUP, {indices, table(builder)}, {y});
    builder.output(y);
  }
};

TensorId floats(GraphBuilder& b) { return b.constant<float>("table", {3, 2}, {1, 2, 3, 4, 5, 6}); }
TensorId bytes(GraphBuilder& b) {
  return b.constant<int8_t>("table", {3, 2}, {1, 2, 3, 4, 5, -6}, per_tensor(0.5f, 0));
}

TEST(EmbeddingLookup, CopiesRows) {
  const Value out = Lookup(floats).run({value<int32_t>({2}, {2, 0})});
  EXPECT_EQ(out.shape, (Shape{2, 2}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{5, 6, 1, 2}));
}

TEST(EmbeddingLookup, DequantizesRowsForAFloatOutput) {
  EXPECT_EQ(elements<float>(Lookup(bytes).run({value<int32_t>({2}, {2, 0})})), (std::vector<float>{2.5f, -3, 0.5f, 1}));
}

TEST(EmbeddingLookup, RefusesAnIndexOutsideOfTheTable) {
  EXPECT_EQ(Lookup(floats).error({value<int32_t>({2}, {0, 3})}),
            "subgraph 0, node 0 EMBEDDING_LOOKUP \"y\", input 0\n"
            "  found     index 3\n"
            "  expected  0 to 2");
}

}  // namespace
}  // namespace monolite::ops
