#include "base/error.h"

#include <gtest/gtest.h>

#include "base/expected.h"

namespace monolite {
namespace {

TEST(Error, SaysWhereFoundExpectedAndHowToMend) {
  const Error e = input_error("node 3", "a cat", "a dog", "bark").at("model.tflite");
  EXPECT_EQ(to_string(e), "model.tflite, node 3\n  found     a cat\n  expected  a dog\n  to mend   bark");
}

TEST(Error, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(to_string(input_error("x.png", "nothing")), "x.png\n  found     nothing");
  EXPECT_EQ(to_string(usage_error("", "no verb")), "no verb");
}

Expected<int> half(int x) {
  if (x % 2 != 0) return Unexpected(input_error("half", std::to_string(x), "an even number"));
  return x / 2;
}

Expected<int> quarter(int x) {
  ML_ASSIGN(const int h, half(x));
  ML_TRY(half(h));
  return half(h);
}

TEST(Expected, MacrosPassValuesOnAndErrorsOut) {
  EXPECT_EQ(quarter(8).value(), 2);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().found, "3");
}

}  // namespace
}  // namespace monolite
