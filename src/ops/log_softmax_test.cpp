#include <cmath>

#include "ops/fixed_point_math.h"
#include "ops/op.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

TEST(LogSoftmax, GivesLogarithmsOfShares) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 2});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::LOG_SOFTMAX, {x}, {y}, "LogSoftmaxOptions", NoAttributes{});
  g.builder.output(y);
  const auto out = elements<float>(g.run({value<float>({1, 2}, {1000, 1000 + std::log(3.0f)})}));
  EXPECT_NEAR(out[0], std::log(0.25f), 1e-4);
  EXPECT_NEAR(out[1], std::log(0.75f), 1e-4);
}

TEST(LogSoftmax, GivesSixteenthsWhereIntegersAre8Bits) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::uint8, {1, 3}, per_tensor(0.1f, 0));
  const auto y = g.builder.tensor("y", DType::uint8, {}, per_tensor(1 / 16.0f, 255));
  g.builder.node(OpCode::LOG_SOFTMAX, {x}, {y}, "LogSoftmaxOptions", NoAttributes{});
  g.builder.output(y);
  // log(1/2) = -0.693 = -11.09 sixteenths; 20 lies below what can be told apart from it
  EXPECT_EQ(elements<uint8_t>(g.run({value<uint8_t>({1, 3}, {200, 200, 20})})), (std::vector<uint8_t>{244, 244, 0}));
}

TEST(FixedPointMath, FindsLogarithms) {
  for (const double x : {1.0, 1.5, 2.0, 100.0, 4000.0}) {
    const int32_t log = log_of_at_least_one<12, 5>(static_cast<int32_t>(x * (1 << 19)));
    EXPECT_NEAR(log / 67108864.0, std::log(x), 1e-5) << x;
  }
}

}  // namespace
}  // namespace monolite::ops
