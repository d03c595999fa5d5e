#include "ir/attributes.h"

#include <gtest/gtest.h>

namespace monolite {
namespace {

enum class Corner : int8_t { square, round };

struct Options {
  bool keep = true;
  int32_t stride = 1;
  float alpha = 0.5f;
  Corner corner = Corner::square;
  std::string label;
  std::vector<int32_t> sizes;
  template <class V>
  void visit(V&& v) {
    v("keep", keep), v("stride", stride), v("alpha", alpha), v("corner", corner), v("label", label), v("sizes", sizes);
  }
};

TEST(Attributes, StructComesBackAsSet) {
  Attributes a("Options");
  set_attributes(a, Options{false, 3, 0.25f, Corner::round, "x", {1, 2}});
  const auto o = attributes_as<Options>(a);
  EXPECT_FALSE(o.keep);
  EXPECT_EQ(o.stride, 3);
  EXPECT_EQ(o.alpha, 0.25f);
  EXPECT_EQ(o.corner, Corner::round);
  EXPECT_EQ(o.label, "x");
  EXPECT_EQ(o.sizes, (std::vector<int32_t>{1, 2}));
}

TEST(Attributes, AbsentFieldsKeepTheirDefaults) {
  Attributes a;
  a.set("stride", int64_t{2});
  const auto o = attributes_as<Options>(a);
  EXPECT_TRUE(o.keep);
  EXPECT_EQ(o.stride, 2);
}

TEST(Attributes, WritingKeepsFieldsThatTheStructDoesNotKnow) {
  Attributes a;
  a.set("from_the_future", int64_t{7});
  set_attributes(a, Options{});
  EXPECT_EQ(std::get<int64_t>(*a.find("from_the_future")), 7);
}

TEST(Attributes, AWrongKindIsIgnored) {
  Attributes a;
  a.set("stride", std::string("two"));
  EXPECT_EQ(attributes_as<Options>(a).stride, 1);
}

}  // namespace
}  // namespace monolite
