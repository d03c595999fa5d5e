#include "delegates/observed.h"

#include "delegates/testing.h"

namespace monolite::delegates {
namespace {

Model three_nodes() {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(model.main());
  TensorId at = b.input("x", DType::float32, {1, 4});
  for (const auto& [op, name] : {std::pair{OpCode::RELU, "first"}, {OpCode::CUSTOM, "mine"}, {OpCode::RELU6, "last"}}) {
    const TensorId next = b.tensor(name, DType::float32, {1, 4});
    b.node(op, {at}, {next}).custom_code = op == OpCode::CUSTOM ? "Mine" : "";
    at = next;
  }
  b.output(at);
  return model;
}

const char kAsPredicted[] =
    "INFO: Replacing 2 out of 3 node(s) with delegate (TfLiteNnapiDelegate) node, yielding 3 partitions.\n"
    "============================== Run Order ==============================\n"
    "\t [node type]\t [start]\t [first]\t [avg ms]\t [%]\t [cdf%]\t [mem KB]\t[times called]\t[Name]\n"
    "\t AllocateTensors\t 0.000\t 1.0\t 1.0\t 100%\t 100%\t 0.000\t 1\tAllocateTensors/0\n"
    "Operator-wise Profiling Info for Regular Benchmark Runs:\n"
    "============================== Run Order ==============================\n"
    "\t [node type]\t [start]\t [first]\t [avg ms]\t [%]\t [cdf%]\t [mem KB]\t[times called]\t[Name]\n"
    "\t TfLiteNnapiDelegate\t 0.000\t 11.6\t 11.422\t 21.9%\t 21.9%\t 0.000\t 1\t[first]:3\n"
    "\t Mine\t 11.4\t 0.1\t 0.080\t 0.1%\t 22.0%\t 0.000\t 1\t[mine]:1\n"
    "\t TfLiteNnapiDelegate\t 11.5\t 0.5\t 0.654\t 1.2%\t 23.3%\t 0.000\t 1\t[last]:4\n"
    "\n============================== Top by Computation Time ==============================\n";

Comparison compared(const std::string& log) {
  const Model m = three_nodes();
  const GraphContext graph(m);
  const auto observed = parse_observed(log, "log");
  if (!observed) return {{}, {to_string(observed.error())}};
  return compare(graph, check(graph, **find_target("nnapi")), *observed);
}

TEST(Observed, ReadsTheRunOrder) {
  const auto o = parse_observed(kAsPredicted, "log");
  ASSERT_TRUE(o);
  ASSERT_EQ(o->rows.size(), 3u);
  EXPECT_EQ(o->rows[0].type, "TfLiteNnapiDelegate");
  EXPECT_DOUBLE_EQ(o->rows[0].average_ms, 11.422);
  EXPECT_EQ(o->rows[1].index, 1);
  EXPECT_EQ(o->replaced_nodes, 2);
  EXPECT_EQ(o->all_nodes, 3);
}

TEST(Observed, AgreesWhereTheDeviceDidAsPredicted) {
  const Comparison c = compared(kAsPredicted);
  EXPECT_EQ(c.predicted, (std::vector<std::string>{"[1 node]", "Mine", "[1 node]"}));
  EXPECT_EQ(c.differences, std::vector<std::string>{});
}

TEST(Observed, SaysWhichNodeRanElsewhere) {
  const Comparison c = compared(
      "=== Run Order ===\n"
      "  [node type]  [first]  [avg ms]  [%]  [cdf%]  [mem KB]  [times called]  [Name]\n"
      "  TfLiteNnapiDelegate  11.6  11.4  21.9%  21.9%  0.0  1  [mine]:3\n"
      "  RELU6  0.5  0.6  1.2%  23.3%  0.0  1  [last]:2\n");
  EXPECT_EQ(c.differences,
            (std::vector<std::string>{"node 2 RELU6 \"last\" ran on the CPU; nnapi-29-cpu takes it by its rules",
                                      "node 1 Mine \"mine\" ran on the device; predicted on the CPU: a custom "
                                      "operator; NNAPI takes none of this name",
                                      "1 delegated pieces ran; 2 predicted"}));
}

TEST(Observed, ComparesTheSummaryWhereThereIsNoProfile) {
  EXPECT_EQ(
      compared("Explicitly applied NNAPI delegate, and the model graph will be partially executed by the delegate w/ 1 "
               "delegate kernels.")
          .differences,
      std::vector<std::string>{"1 delegate kernels were made; 2 predicted"});
}

TEST(Observed, RefusesALogOfSomethingElse) {
  EXPECT_FALSE(parse_observed("hello\n", "log"));
  EXPECT_FALSE(parse_observed("", "log"));
}

}  // namespace
}  // namespace monolite::delegates
