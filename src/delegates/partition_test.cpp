#include "delegates/partition.h"

#include <gtest/gtest.h>

#include "ir/builder.h"

namespace monolite::delegates {
namespace {

// A graph of RELUs: node i reads the tensors listed and writes tensor "i". A negative entry is the graph's input.
struct Web {
  Model model{.graphs = std::vector<Graph>(1)};
  explicit Web(const std::vector<std::vector<int>>& reads) {
    GraphBuilder b(model.main());
    const TensorId x = b.input("x", DType::float32, {1, 4});
    for (size_t i = 0; i < reads.size(); ++i) b.tensor(std::to_string(i), DType::float32, {1, 4});
    for (size_t i = 0; i < reads.size(); ++i) {
      std::vector<TensorId> inputs;
      for (const int from : reads[i]) inputs.push_back(from < 0 ? x : x + 1 + from);
      b.node(OpCode::RELU, inputs, {x + 1 + static_cast<TensorId>(i)});
    }
    b.output(x + static_cast<TensorId>(reads.size()));
  }
};

std::string strip(const std::vector<Subset>& subsets) {
  std::string text;
  for (const Subset& s : subsets) {
    text += s.is_delegated ? "[" : "(";
    for (const int i : s.nodes) text += std::to_string(i) + " ";
    text.back() = s.is_delegated ? ']' : ')';
  }
  return text;
}

std::string partitioned(const std::vector<std::vector<int>>& reads, const std::vector<bool>& taken) {
  const Web web(reads);
  return strip(partition(GraphContext(web.model), taken));
}

TEST(Partition, CutsAChainAtRefusedNodes) {
  EXPECT_EQ(partitioned({{-1}, {0}, {1}, {2}}, {true, false, false, true}), "[0](1 2)[3]");
}

TEST(Partition, MovesIndependentNodesAheadOfRefusedOnes) {
  // 1 is refused; 2 does not need it and joins the first piece.
  EXPECT_EQ(partitioned({{-1}, {0}, {0}, {1, 2}}, {true, false, true, true}), "[0 2](1)[3]");
}

TEST(Partition, OneCutForRefusedNodesThatAreReadyTogether) {
  EXPECT_EQ(partitioned({{-1}, {0}, {0}, {0}, {1, 2, 3}}, {true, false, true, false, true}), "[0 2](1 3)[4]");
}

TEST(Partition, TheFirstReadyNodeDecidesTheKind) { EXPECT_EQ(partitioned({{-1}, {-1}}, {false, true}), "(0)[1]"); }

TEST(Partition, ScansAgainForNodesThatStandBeforeTheirProducers) {
  EXPECT_EQ(partitioned({{2}, {0}, {-1}}, {true, true, true}), "[2 0 1]");
}

TEST(Partition, LeavesACycleToTheCpu) { EXPECT_EQ(partitioned({{-1}, {2}, {1}}, {true, true, true}), "[0](1 2)"); }

TEST(Partition, KeepsTheOrderOfSideEffects) {
  Web web({{-1}, {-1}, {-1}});
  web.model.main().nodes[0].op = OpCode::IF;
  web.model.main().nodes[2].op = OpCode::IF;
  // 2 could run at once by its inputs, but must not pass 0.
  EXPECT_EQ(strip(partition(GraphContext(web.model), {false, true, true})), "(0)[1 2]");
  EXPECT_EQ(strip(partition(GraphContext(web.model), {true, false, true})), "[0 2](1)");
}

std::string limited(const std::vector<bool>& taken, PartitionLimits limits) {
  const Web web({{-1}, {0}, {1}, {2}, {3}, {4}, {5}});
  std::string text;
  for (const Place p : apply_limits(GraphContext(web.model), taken, limits)) {
    text += p == Place::cpu ? '.' : p == Place::delegate ? 'D' : p == Place::too_small ? 's' : 'm';
  }
  return text;
}

TEST(PartitionLimits, KeepTheLargest) {
  const std::vector<bool> taken = {true, false, true, true, false, true, true};
  EXPECT_EQ(limited(taken, {}), "D.DD.DD");
  EXPECT_EQ(limited(taken, {.most_partitions = 2}), "m.DD.DD");
  EXPECT_EQ(limited(taken, {.most_partitions = 1}), "m.DD.mm");
  EXPECT_EQ(limited(taken, {.least_nodes = 2}), "s.DD.DD");
  EXPECT_EQ(limited(taken, {.most_partitions = 1, .keep = Keep::first}), "D.mm.mm");
}

}  // namespace
}  // namespace monolite::delegates
