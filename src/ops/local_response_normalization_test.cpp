#include "ops/local_response_normalization.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;

TEST(LocalResponseNormalization, AddsTheSquaresBeforeAnElementAndItsOwn) {
  const OneNode n{OpCode::LOCAL_RESPONSE_NORMALIZATION, {value<float>({1, 1, 1, 3}, {3, 4, 6})}};
  const auto out =
      elements<float>(n.run("LocalResponseNormalizationOptions", LocalResponseNormalization{1, 0, 1, 0.5f}));
  EXPECT_FLOAT_EQ(out[0], 1);
  EXPECT_FLOAT_EQ(out[1], 4 / 5.0f);
  EXPECT_FLOAT_EQ(out[2], 6 / std::sqrt(52.0f));
}

}  // namespace
}  // namespace monolite::ops
