#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;

template <class T>
OneNode range(T start, T limit, T delta) {
  return {OpCode::RANGE, {value<T>({}, {start}), value<T>({}, {limit}), value<T>({}, {delta})}, DTypeOf<T>::value};
}

TEST(Range, StopsBeforeTheLimit) {
  EXPECT_EQ(elements<int32_t>(range<int32_t>(1, 6, 2).run()), (std::vector<int32_t>{1, 3, 5}));
  EXPECT_EQ(elements<int64_t>(range<int64_t>(3, 0, -3).run()), std::vector<int64_t>{3});
  EXPECT_EQ(elements<float>(range<float>(0, 1, 0.5f).run()), (std::vector<float>{0, 0.5f}));
}

TEST(Range, RefusesAStepThatLeadsAwayOrTakesForEver) {
  EXPECT_NE(range<int32_t>(0, 5, -1).error().find("found     from 0 to 5 by -1"), std::string::npos);
  EXPECT_NE(range<int32_t>(0, 5, 0).error().find("a step that leads there"), std::string::npos);
  EXPECT_NE(range<int64_t>(INT64_MIN, INT64_MAX, 1).error().find("a step that leads there"), std::string::npos);
  EXPECT_NE(range<float>(0, std::numeric_limits<float>::infinity(), 1).error(), "no error");
}

struct OutType {
  DType out_type = DType::float32;
  template <class V>
  void visit(V&& v) {
    v("out_type", out_type);
  }
};

TEST(Shape, IsItsInputsExtents) {
  const OneNode n{OpCode::SHAPE, {value<float>({2, 0, 3}, {})}, DType::int64};
  EXPECT_EQ(elements<int64_t>(n.run("ShapeOptions", OutType{DType::int64})), (std::vector<int64_t>{2, 0, 3}));
  EXPECT_NE(n.error("ShapeOptions", OutType{DType::int32}).find("out_type int32"), std::string::npos);
  const OneNode rank{OpCode::RANK, {value<float>({2, 0, 3}, {})}, DType::int32};
  EXPECT_EQ(elements<int32_t>(rank.run()), std::vector<int32_t>{3});
}

}  // namespace
}  // namespace monolite::ops
