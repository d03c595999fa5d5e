#include "quantize/symmetric_filter.h"

#include <gtest/gtest.h>

namespace monolite::quantize {
namespace {

TEST(SymmetricFilter, KeepsTheTrainedStepWhereItFits) {
  // Steps of 0.01: the first channel fits into 127 of them, the second (200) does not.
  Tensor t;
  t.shape = {2, 1, 1, 2};
  t.data = Buffer::of(std::vector<float>{0.5f, -1.27f, 2.0f, 1.0f});
  const SymmetricFilter f = symmetric_filter(OpCode::CONV_2D, t, {0.01});
  EXPECT_EQ(f.scales, (std::vector<double>{0.01, 2.0 / 127}));
  EXPECT_EQ(f.values, (std::vector<int8_t>{50, -127, 127, 64}));
}

}  // namespace
}  // namespace monolite::quantize
