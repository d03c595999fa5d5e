#include "legalize/merge.h"

#include "legalize/testing.h"
#include "ops/resize_bilinear.h"

namespace monolite::legalize {
namespace {

using testing::OneGraph;

// x -> first -> second, both resizes.
Model chain(int32_t first, int32_t second) {
  OneGraph g;
  TensorId x = g.builder.input("x", DType::uint8, {1, 2, 2, 1}, per_tensor(1, 0));
  for (const int32_t size : {first, second}) {
    const auto to = g.builder.constant<int32_t>("size", {2}, {size, size});
    const auto y = g.builder.tensor("y", DType::uint8, {}, per_tensor(1, 0));
    g.builder.node(OpCode::RESIZE_BILINEAR, {x, to}, {y}, "ResizeBilinearOptions", ops::ResizeBilinear{});
    x = y;
  }
  g.builder.output(x);
  return g.model;
}

TEST(Merge, ComputesOnceWhatIsInBoth) {
  Merger merger;
  const Model a = chain(3, 4), b = chain(3, 5);
  const auto x = merger.add_input(a.main().tensor(0));
  const auto from_a = merger.add(a, {x}), from_b = merger.add(b, {x}), again = merger.add(a, {x});
  ASSERT_TRUE(from_a && from_b && again);
  EXPECT_EQ(merger.graph().nodes.size(), 3u);
  EXPECT_NE(*from_a, *from_b);
  EXPECT_EQ(*from_a, *again);
}

TEST(Verify, CountsWhatDiffers) {
  EXPECT_TRUE(testing::compare(chain(3, 4), chain(3, 4)).is_identical());
  const Verification other = testing::compare(chain(3, 4), chain(2, 4), 2);
  EXPECT_EQ(other.inputs, 2);
  EXPECT_FALSE(other.is_identical());
  EXPECT_EQ(other.outputs[0].elements, 2 * 16);
  EXPECT_GT(other.outputs[0].differing, 0);
}

TEST(Verify, SaysThatShapesDiffer) {
  const auto inputs = generate_inputs(chain(3, 4), 1);
  ASSERT_TRUE(inputs);
  const auto result = verify(chain(3, 4), chain(3, 5), std::vector<std::vector<ops::Value>>{*inputs});
  ASSERT_FALSE(result);
  EXPECT_EQ(to_string(result.error()), "output \"y\"\n  found     shape 1x5x5x1\n  expected  1x4x4x1");
}

}  // namespace
}  // namespace monolite::legalize
