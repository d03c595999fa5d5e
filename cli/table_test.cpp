#include "table.h"

#include <gtest/gtest.h>

namespace monolite::cli {
namespace {

TEST(Table, AlignsByCharactersAndCutsLongCells) {
  Table t({{"n", Table::Align::right}, {"name", Table::Align::left, 6}});
  t.add({"1", "für"});
  t.add({"12", "far too long"});
  EXPECT_EQ(t.text(), " n  name\n--  ------\n 1  für\n12  far t…\n");
}

}  // namespace
}  // namespace monolite::cli
