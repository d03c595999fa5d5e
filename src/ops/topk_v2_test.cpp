#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(TopKV2, SortsAndPrefersTheFirst) {
  OneNode n{OpCode::TOPK_V2, {value<int32_t>({2, 3}, {3, 9, 9, 1, 0, 2}), value<int32_t>({}, {2})}, DType::int32};
  n.outputs = 2;
  const auto out = n.run_all();
  EXPECT_EQ(elements<int32_t>(out[0]), (std::vector<int32_t>{9, 9, 2, 1}));
  EXPECT_EQ(elements<int32_t>(out[1]), (std::vector<int32_t>{1, 2, 2, 0}));
  n.inputs[1] = value<int32_t>({}, {4});
  EXPECT_NE(n.error().find("found     4 of 3 elements"), std::string::npos);
}

struct Axis {
  int32_t axis = 0;
  template <class V>
  void visit(V&& v) {
    v("axis", axis);
  }
};

TEST(OneHot, MarksTheIndex) {
  const OneNode n{
      OpCode::ONE_HOT,
      {vector<int32_t>({1, 3, -1}), value<int32_t>({}, {2}), value<float>({}, {5}), value<float>({}, {-1})}};
  EXPECT_EQ(elements<float>(n.run("OneHotOptions", Axis{-1})), (std::vector<float>{-1, 5, -1, -1, -1, -1}));
  EXPECT_EQ(elements<float>(n.run("OneHotOptions", Axis{0})), (std::vector<float>{-1, -1, -1, 5, -1, -1}));
  EXPECT_NE(n.error("OneHotOptions", Axis{-2}).find("found     axis -2"), std::string::npos);
}

struct Flags {
  bool exclusive = false, reverse = false;
  template <class V>
  void visit(V&& v) {
    v("exclusive", exclusive);
    v("reverse", reverse);
  }
};

TEST(Cumsum, AddsUpFromEitherEnd) {
  const OneNode n{OpCode::CUMSUM, {vector<float>({1, 2, 4}), value<int32_t>({}, {0})}};
  EXPECT_EQ(elements<float>(n.run("CumsumOptions", Flags{})), (std::vector<float>{1, 3, 7}));
  EXPECT_EQ(elements<float>(n.run("CumsumOptions", Flags{true, true})), (std::vector<float>{6, 4, 0}));
}

TEST(ReverseV2, GoesBackwards) {
  OneNode n{OpCode::REVERSE_V2, {value<float>({2, 2}, {1, 2, 3, 4}), vector<int32_t>({-1})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{2, 1, 4, 3}));
  n.inputs[1] = vector<int32_t>({0, -2});
  EXPECT_NE(n.error().find("found     dimension 0 twice"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
