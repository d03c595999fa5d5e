#include "ops/space_batch.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(SpaceBatch, GoesThereAndBack) {
  const Value picture = value<float>({1, 2, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Value block = vector<int32_t>({2, 2}), none = value<int32_t>({2, 2}, {0, 0, 0, 0});
  const Value batches = OneNode{OpCode::SPACE_TO_BATCH_ND, {picture, block, none}}.run();
  EXPECT_EQ(batches.shape, (Shape{4, 1, 2, 1}));
  EXPECT_EQ(elements<float>(batches), (std::vector<float>{1, 3, 2, 4, 5, 7, 6, 8}));
  const Value back = OneNode{OpCode::BATCH_TO_SPACE_ND, {batches, block, none}}.run();
  EXPECT_EQ(back.shape, picture.shape);
  EXPECT_EQ(elements<float>(back), elements<float>(picture));
}

TEST(SpaceBatch, PadsWithTheZeroPointAndCrops) {
  OneNode n{OpCode::SPACE_TO_BATCH_ND,
            {value<uint8_t>({1, 3, 1}, {1, 2, 3}), vector<int32_t>({2}), value<int32_t>({1, 2}, {1, 0})},
            DType::uint8};
  n.input_quantization = {per_tensor(1, 9)};
  n.output_quantization = per_tensor(1, 9);
  EXPECT_EQ(elements<uint8_t>(n.run()), (std::vector<uint8_t>{9, 2, 1, 3}));
  const OneNode back{OpCode::BATCH_TO_SPACE_ND,
                     {value<uint8_t>({2, 2, 1}, {9, 2, 1, 3}), vector<int32_t>({2}), value<int32_t>({1, 2}, {1, 0})},
                     DType::uint8};
  EXPECT_EQ(elements<uint8_t>(back.run()), (std::vector<uint8_t>{1, 2, 3}));
}

TEST(SpaceBatch, RefusesPartsOfBlocks) {
  OneNode n{OpCode::SPACE_TO_BATCH_ND,
            {value<float>({1, 3, 1}, {1, 2, 3}), vector<int32_t>({2}), value<int32_t>({1, 2}, {0, 0})}};
  EXPECT_NE(n.error().find("3 elements with padding in blocks of 2"), std::string::npos);
  n.inputs[1] = vector<int32_t>({0});
  EXPECT_NE(n.error().find("found     block 0"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
