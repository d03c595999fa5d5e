#include "ops/strided_slice.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

OneNode sliced(std::vector<int32_t> begin, std::vector<int32_t> end, std::vector<int32_t> strides) {
  return {OpCode::STRIDED_SLICE,
          {value<float>({2, 3}, {1, 2, 3, 4, 5, 6}), vector(std::move(begin)), vector(std::move(end)),
           vector(std::move(strides))}};
}

TEST(StridedSlice, GoesBackwardsAndCountsFromTheEnd) {
  EXPECT_EQ(elements<float>(sliced({-1, 2}, {2, -4}, {1, -2}).run()), (std::vector<float>{6, 4}));
}

TEST(StridedSlice, HasMasksForOpenEndsAndDimensions) {
  const OneNode n = sliced({1, 1}, {9, 1}, {1, 1});
  EXPECT_EQ(elements<float>(n.run("StridedSliceOptions", StridedSlice{.begin_mask = 1, .shrink_axis_mask = 2})),
            (std::vector<float>{2, 5}));
  EXPECT_EQ(n.run("StridedSliceOptions", StridedSlice{.shrink_axis_mask = 3}).shape, Shape{});
  EXPECT_EQ(n.run("StridedSliceOptions", StridedSlice{.new_axis_mask = 2}).shape, (Shape{1, 1, 3}));
  EXPECT_EQ(n.run("StridedSliceOptions", StridedSlice{.ellipsis_mask = 1, .shrink_axis_mask = 2}).shape, Shape{2});
}

TEST(StridedSlice, CountsEndsFromBeginsWithOffset) {
  const OneNode n = sliced({0, 1}, {2, 2}, {1, 1});
  EXPECT_EQ(elements<float>(n.run("StridedSliceOptions", StridedSlice{.offset = true})),
            (std::vector<float>{2, 3, 5, 6}));
  EXPECT_NE(sliced({1, 1}, {2, 2}, {1, 1})
                .error("StridedSliceOptions", StridedSlice{.offset = true})
                .find("found     elements 1 to 2 of dimension 0\n  expected  elements in [0, 2)"),
            std::string::npos);
}

TEST(StridedSlice, RefusesAStrideOfZero) {
  EXPECT_NE(sliced({0, 0}, {1, 1}, {0, 1}).error().find("found     0\n  expected  a stride"), std::string::npos);
}

TEST(Slice, TakesAPart) {
  OneNode n{OpCode::SLICE,
            {value<float>({2, 3}, {1, 2, 3, 4, 5, 6}), vector<int32_t>({0, 1}), vector<int32_t>({2, -1})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{2, 3, 5, 6}));
  n.inputs[1] = vector<int32_t>({1, 1});
  EXPECT_NE(n.error().find("found     begin 1 and size 2 in dimension 0"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
