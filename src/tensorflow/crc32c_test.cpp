#include "tensorflow/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace monolite::tensorflow {
namespace {

uint32_t of(const std::string& text) { return crc32c(std::as_bytes(std::span(text))); }

// RFC 3720, B.4.
TEST(Crc32c, GivesTheStandardsValues) {
  EXPECT_EQ(of(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(of(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(of("123456789"), 0xe3069283u);
}

TEST(Crc32c, GoesOnWhereItStopped) {
  const std::string text = "a text that is longer than one step";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const auto bytes = std::as_bytes(std::span(text));
    EXPECT_EQ(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))), of(text)) << cut;
  }
}

}  // namespace
}  // namespace monolite::tensorflow
