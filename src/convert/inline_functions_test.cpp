#include "convert/inline_functions.h"

#include <gtest/gtest.h>

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

TEST(InlineFunctions, EndsWhereAFunctionCallsItself) {
  tf::Graph g;
  const tf::Node call{"call", "PartitionedCall", {}, "", {{"f", tf::FunctionName{"f"}}}};
  g.nodes = {call};
  g.functions = {{"f", {}, {}, {}, {call, {"call2", "PartitionedCall", {}, "", {{"f", tf::FunctionName{"f"}}}}}}};
  EXPECT_EQ(inline_functions(g).error().expected, "functions that do not call themselves");
}

// Names of nodes in functions stand behind the names of all calls: a small file may ask for terabytes.
TEST(InlineFunctions, BoundsTheNamesOfFunctionsInFunctions) {
  const std::string name(100000, 'x');
  tf::Graph g;
  g.nodes = {{"call", "PartitionedCall", {}, "", {{"f", tf::FunctionName{"f0"}}}}};
  for (int i = 0; i < 12; ++i) {
    tf::Function f{"f" + std::to_string(i), {}, {}, {}, {}};
    const std::string called = "f" + std::to_string(i + 1);
    for (const char* which : {"a", "b"}) {
      f.nodes.push_back({name + which, "PartitionedCall", {}, "", {{"f", tf::FunctionName{called}}}});
    }
    g.functions.push_back(std::move(f));
  }
  g.functions.push_back({"f12", {}, {}, {}, {{"leaf", "NoOp"}}});
  EXPECT_EQ(inline_functions(g).error().found, "more than 256 MiB of names");
}

}  // namespace
}  // namespace monolite::conversion
