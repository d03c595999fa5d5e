#include <gtest/gtest.h>

#include "editing/border.h"
#include "editing/cut.h"
#include "ir/builder.h"
#include "ops/evaluate.h"

namespace monolite::editing {
namespace {

// picture (uint8) -> QUANTIZE -> RELU -> middle -> RELU6 -> scores (int8)
Model bytes() {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const auto q = per_tensor(0.5f, 0);
  const auto x = b.input("picture", DType::uint8, {3}, per_tensor(0.5f, 128));
  const auto inner = b.tensor("inner", DType::int8, {3}, q);
  const auto middle = b.tensor("middle", DType::int8, {3}, q);
  const auto y = b.tensor("scores", DType::int8, {3}, q);
  b.node(OpCode::QUANTIZE, {x}, {inner});
  b.node(OpCode::RELU, {inner}, {middle});
  b.node(OpCode::RELU6, {middle}, {y});
  b.output(y);
  return m;
}

// The three scores, in steps of their scale.
std::vector<int> scores(const ops::Value& y) {
  std::vector<int> all;
  for (size_t i = 0; i < 3; ++i) {
    if (y.dtype == DType::float32) all.push_back(static_cast<int>(y.data.get<float>(i) * 2));
    if (y.dtype == DType::int8) all.push_back(y.data.get<int8_t>(i));
    if (y.dtype == DType::uint8) all.push_back(y.data.get<uint8_t>(i) - 128);
  }
  return all;
}

template <class T>
std::vector<int> run(const Model& m, std::vector<T> x) {
  const Shape shape{static_cast<int32_t>(x.size())};
  const ops::Value value{DTypeOf<T>::value, shape, Buffer::of(std::move(x))};
  const auto y = ops::evaluate(m, std::span(&value, 1));
  if (y) return scores(y->front());
  ADD_FAILURE() << to_string(y.error());
  return {};
}

TensorId tensor(const Model& m, const std::string& name) {
  const auto id = find_tensor(m, name);
  return id ? *id : kNoTensor;
}

const std::vector<int> kExpected = {0, 2, 12};

TEST(Cut, ParesAModelDownToItsHeadAndTail) {
  EXPECT_EQ(run<uint8_t>(bytes(), {100, 130, 200}), kExpected);
  Model head = bytes(), tail = bytes();
  ASSERT_TRUE(cut(head, {}, {tensor(head, "middle")}));
  ASSERT_TRUE(cut(tail, {tensor(tail, "middle")}, {}));
  EXPECT_EQ(head.main().nodes.size(), 2u);
  EXPECT_EQ(tail.main().nodes.size(), 1u);
  EXPECT_EQ(tail.main().tensors.size(), 2u);
  EXPECT_EQ(run<uint8_t>(head, {100, 130, 200}), (std::vector<int>{0, 2, 72}));
  EXPECT_EQ(run<int8_t>(tail, {0, 2, 72}), kExpected);
}

TEST(Cut, GivesNewInputsTheShapeThatTheyHave) {
  Model m = bytes();
  const TensorId middle = tensor(m, "middle");
  m.main().tensor(middle).shape = {};
  ASSERT_TRUE(cut(m, {middle}, {}));
  EXPECT_EQ(m.main().tensor(m.main().inputs[0]).shape, (Shape{3}));
}

TEST(Cut, SaysWhichInputIsStillNeeded) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const auto x = b.input("x", DType::float32, {1}), other = b.input("other", DType::float32, {1});
  const auto a = b.tensor("a", DType::float32, {1}), y = b.tensor("y", DType::float32, {1});
  b.node(OpCode::ABS, {x}, {a});
  b.node(OpCode::MAXIMUM, {a, other}, {y});
  b.output(y);
  const auto done = cut(m, {a}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(to_string(done.error()),
            "--inputs \"other\"\n"
            "  found     still needed by what was kept\n"
            "  expected  named as well, or cut off by other inputs\n"
            "  to mend   `monolite inspect` shows all tensors");
}

TEST(Cut, OffersTheNearestName) {
  const auto id = find_tensor(bytes(), "midle");
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().mend, "did you mean middle?");
}

TEST(Cut, FindsALongNameAsItIsShown) {
  Model m = bytes();
  const TensorId middle = tensor(m, "middle");
  const std::string start(220, 'a');
  m.main().tensor(middle).name = start + "/one";
  EXPECT_EQ(tensor(m, std::string(200, 'a') + "…"), middle);
  EXPECT_EQ(tensor(m, start + "/one"), middle);
  m.main().tensor(m.main().inputs[0]).name = start + "/two";
  EXPECT_EQ(find_tensor(m, std::string(200, 'a') + "…").error().found, "2 of that name");
}

TEST(Cut, RenamesUnlessTheNameIsTaken) {
  Model m = bytes();
  EXPECT_TRUE(rename(m, "scores", "logits"));
  EXPECT_NE(tensor(m, "logits"), kNoTensor);
  EXPECT_FALSE(rename(m, "logits", "middle"));
}

TEST(Border, StripsWhatCastsAtTheEdge) {
  Model m = bytes();
  EXPECT_EQ(strip_quantize(m), 1);
  EXPECT_EQ(m.main().tensor(m.main().inputs[0]).dtype, DType::int8);
  EXPECT_EQ(m.main().tensor(m.main().inputs[0]).name, "picture");
  EXPECT_EQ(run<int8_t>(m, {-28, 2, 72}), kExpected);
}

TEST(Border, GivesTheNewInputTheShapeOfTheOld) {
  Model m = bytes();
  m.main().tensor(m.main().nodes[0].outputs[0]).shape = {65};
  EXPECT_EQ(strip_quantize(m), 1);
  EXPECT_EQ(run<int8_t>(m, {-28, 2, 72}), kExpected);
}

TEST(Border, TakesEveryTypeAndGivesTheSameNumbers) {
  for (const DType wanted : {DType::float32, DType::int8, DType::uint8}) {
    Model m = bytes();
    const auto done = set_border_type(m, wanted);
    ASSERT_TRUE(done) << to_string(done.error());
    EXPECT_EQ(m.main().tensor(m.main().inputs[0]).dtype, wanted);
    EXPECT_EQ(m.main().tensor(m.main().outputs[0]).dtype, wanted);
    EXPECT_EQ(m.main().tensor(m.main().outputs[0]).name, "scores");
    EXPECT_EQ(wanted == DType::float32 ? run<float>(m, {-14, 1, 36})
              : wanted == DType::int8  ? run<int8_t>(m, {-28, 2, 72})
                                       : run<uint8_t>(m, {100, 130, 200}),
              kExpected);
    ASSERT_TRUE(set_border_type(m, DType::int8));
    EXPECT_EQ(run<int8_t>(m, {-28, 2, 72}), kExpected);
    EXPECT_EQ(m.main().nodes.size(), 2u);
  }
}

TEST(Border, RefusesFloatsAllTheWay) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const auto y = b.tensor("y", DType::float32, {1});
  b.node(OpCode::ABS, {b.input("x", DType::float32, {1})}, {y});
  b.output(y);
  const auto done = set_border_type(m, DType::int8);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().found, "float32 without a scale");
}

}  // namespace
}  // namespace monolite::editing
