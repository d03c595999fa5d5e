#include "ops/arg_min_max.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(ArgMinMax, TakeTheFirstOfEqualElements) {
  const Value x = value<uint8_t>({2, 3}, {7, 9, 9, 4, 2, 2});
  const OneNode most{OpCode::ARG_MAX, {x, vector<int32_t>({-1})}, DType::int32};
  EXPECT_EQ(elements<int32_t>(most.run("ArgMaxOptions", ArgMinMax{DType::int32})), (std::vector<int32_t>{1, 0}));
  const OneNode least{OpCode::ARG_MIN, {x, vector<int64_t>({0})}, DType::int64};
  EXPECT_EQ(elements<int64_t>(least.run("ArgMinOptions", ArgMinMax{DType::int64})), (std::vector<int64_t>{1, 1, 1}));
}

TEST(ArgMinMax, RefuseADimensionWithoutElements) {
  const OneNode n{OpCode::ARG_MAX, {value<float>({2, 0}, {}), vector<int32_t>({1})}, DType::int32};
  EXPECT_NE(n.error("ArgMaxOptions", ArgMinMax{DType::int32}).find("expected  elements to choose from"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
