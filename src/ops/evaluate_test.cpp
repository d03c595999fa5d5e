#include "ops/evaluate.h"

#include "ops/conv_2d.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::OneGraph;
using testing::value;

TEST(Evaluate, NamesAnOpThatIsNotComputed) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1});
  const auto y = g.builder.tensor("y", DType::float32, {1});
  g.builder.node(OpCode::HASHTABLE, {x}, {y});
  g.builder.output(y);
  EXPECT_EQ(g.error({value<float>({1}, {0})}),
            "subgraph 0, node 0 HASHTABLE \"y\"\n"
            "  found     an operator that this program does not compute\n"
            "  expected  one of those in docs/ops.md\n"
            "  to mend   `monolite inspect` and `monolite check` work all the same");
}

TEST(Evaluate, ChecksInputs) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1});
  g.builder.output(x);
  EXPECT_EQ(g.error({}),
            "inputs\n  found     0\n  expected  1\n  to mend   give one value for each input of the model");
  EXPECT_NE(g.error({value<int8_t>({1}, {0})}).find("1 bytes of int8 1"), std::string::npos);
  EXPECT_EQ(testing::elements<float>(g.run({value<float>({2}, {1, 2})})), (std::vector<float>{1, 2}));
}

TEST(Evaluate, RefusesWhatIsReadBeforeItIsWritten) {
  OneGraph g;
  const auto x = g.builder.tensor("x", DType::float32, {1, 1, 1, 1});
  const auto f = g.builder.constant<float>("f", {1, 1, 1, 1}, {1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", Conv2D{Padding::same, 1, 1});
  g.builder.output(y);
  EXPECT_NE(g.error({}).find("is read before anything writes it"), std::string::npos);
}

TEST(Evaluate, RefusesANodeThatWritesItsOwnInput) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 1, 1});
  const auto f = g.builder.constant<float>("f", {1, 1, 1, 1}, {1});
  g.builder.node(OpCode::CONV_2D, {x, f}, {x}, "Conv2DOptions", Conv2D{Padding::same, 1, 1});
  g.builder.output(x);
  EXPECT_NE(g.error({value<float>({1, 1, 1, 1}, {0})}).find("a tensor that has its value from elsewhere"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
