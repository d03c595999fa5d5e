#include "ops/gelu.h"

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(Gelu, IsXFarAboveZeroAndZeroFarBelow) {
  for (const bool approximate : {false, true}) {
    EXPECT_EQ(run_node<float>(OpCode::GELU, {row<float>({100, 0})}, Quantization{}, "GeluOptions", Gelu{approximate}),
              (std::vector<float>{100, 0}));
    EXPECT_EQ(run_node<int8_t>(OpCode::GELU, {row<int8_t>({20, -20}, per_tensor(1, 0))}, per_tensor(1, 5),
                               "GeluOptions", Gelu{approximate}),
              (std::vector<int8_t>{25, 5}));
  }
}

TEST(Gelu, TellsTheFormulasApart) {
  const auto at_one = [](bool approximate) {
    return run_node<float>(OpCode::GELU, {row<float>({1})}, Quantization{}, "GeluOptions", Gelu{approximate})[0];
  };
  EXPECT_NEAR(at_one(false), 0.841345f, 1e-6);
  EXPECT_NEAR(at_one(true), 0.841192f, 1e-6);
}

}  // namespace
}  // namespace monolite::ops
