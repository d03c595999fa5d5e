#include "ir/dtype.h"

#include <gtest/gtest.h>

namespace monolite {
namespace {

TEST(DType, NamesGoThereAndBack) {
  for (int i = 0; i <= 22; ++i) {
    const auto t = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_name(name(t)), t);
  }
  EXPECT_EQ(name(static_cast<DType>(99)), "unknown");
  EXPECT_EQ(name(static_cast<DType>(-1)), "unknown");
  EXPECT_FALSE(dtype_from_name("uint9"));
}

TEST(DType, KnowsSizes) {
  EXPECT_EQ(size_bytes(DType::int64), 8);
  EXPECT_EQ(size_bits(DType::int4), 4);
  EXPECT_EQ(size_bytes(DType::string), 0);
}

}  // namespace
}  // namespace monolite
