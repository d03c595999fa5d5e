#include "ops/softmax.h"

#include <cmath>

#include "ops/fixed_point_math.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

template <class T>
std::vector<T> shares(Shape shape, std::vector<T> x, Quantization in, Quantization out) {
  OneGraph g;
  const auto input = g.builder.input("x", DTypeOf<T>::value, shape, std::move(in));
  const auto y = g.builder.tensor("y", DTypeOf<T>::value, {}, std::move(out));
  g.builder.node(OpCode::SOFTMAX, {input}, {y}, "SoftmaxOptions", Softmax{1.0f});
  g.builder.output(y);
  return elements<T>(g.run({value<T>(shape, std::move(x))}));
}

TEST(Softmax, SharesOneAmongTheElementsOfEachRow) {
  const auto out = shares<float>({2, 2}, {1, 1, 0, std::log(3.0f)}, {}, {});
  EXPECT_FLOAT_EQ(out[0], 0.5f);
  EXPECT_FLOAT_EQ(out[1], 0.5f);
  EXPECT_FLOAT_EQ(out[2], 0.25f);
  EXPECT_FLOAT_EQ(out[3], 0.75f);
}

TEST(Softmax, GivesSharesOf256WhereIntegersAre8Bits) {
  EXPECT_EQ(shares<uint8_t>({1, 4}, {9, 9, 9, 9}, per_tensor(0.1f, 0), per_tensor(1 / 256.0f, 0)),
            (std::vector<uint8_t>{64, 64, 64, 64}));
  // the full share saturates
  EXPECT_EQ(shares<int8_t>({1, 2}, {-128, 127}, per_tensor(1.0f, 0), per_tensor(1 / 256.0f, -128)),
            (std::vector<int8_t>{-128, 127}));
}

TEST(Softmax, SurvivesRowsWhoseSharesAllRoundToNothing) {
  EXPECT_EQ(shares<uint8_t>({1, 5000}, std::vector<uint8_t>(5000, 7), per_tensor(0.1f, 0), per_tensor(1 / 256.0f, 0)),
            std::vector<uint8_t>(5000, 0));
}

TEST(FixedPointMath, IsCloseToTheFunctionsItStandsFor) {
  for (const double x : {-0.01, -0.25, -0.9, -3.0, -15.5, -31.0}) {
    const auto q5 = static_cast<int32_t>(x * (1 << 26));
    EXPECT_NEAR(exp_on_negative_values<5>(q5) / 2147483648.0, std::exp(x), 1e-6) << x;
  }
  for (const double x : {0.0, 0.3, 0.999}) {
    EXPECT_NEAR(one_over_one_plus(static_cast<int32_t>(x * 2147483647.0)) / 2147483648.0, 1 / (1 + x), 1e-6) << x;
  }
}

}  // namespace
}  // namespace monolite::ops
