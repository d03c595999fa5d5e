#include "base/cpu.h"

#include <gtest/gtest.h>

namespace monolite {
namespace {

TEST(Cpu, ACapAllowsItselfAndWhatItStandsOn) {
  EXPECT_EQ(isa_up_to("avx512"), Isa::avx2 | Isa::avx512);
  EXPECT_EQ(isa_up_to("avxvnni"), Isa::avx2 | Isa::avxvnni);
  EXPECT_EQ(isa_up_to("dotprod"), Isa::neon | Isa::dotprod);
  EXPECT_EQ(isa_up_to("none"), Isa::none);
  EXPECT_EQ(isa_up_to("sse9"), std::nullopt);
}

TEST(Cpu, ACapTakes) {
  setenv("MONOLITE_ISA", "avx2", 1);  // before the first question in this process
  EXPECT_TRUE(covers(Isa::avx2, usable_isa())) << to_string(usable_isa());
  unsetenv("MONOLITE_ISA");
}

TEST(Cpu, SetsAreNamed) {
  EXPECT_EQ(to_string(Isa::none), "none");
  EXPECT_EQ(to_string(Isa::avx2 | Isa::avxvnni), "avx2+avxvnni");
  EXPECT_EQ(to_string(Isa::neon | Isa::dotprod), "neon+dotprod");
}

TEST(Cpu, ThereIsACore) { EXPECT_GE(physical_cores(), 1); }

}  // namespace
}  // namespace monolite
