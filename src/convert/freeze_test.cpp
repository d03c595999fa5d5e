#include "convert/freeze.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "convert/graph_writer.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

// "w", a filter of 2x3, of which the graph has the first column and the other two apart.
TEST(Freeze, TakesApartWhatTheGraphKeepsInParts) {
  std::string folder = testing::TempDir() + "monolite_freeze_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(tf::write_checkpoint(folder + "/model.ckpt",
                                   {{"w", tf::Tensor::of<float>(tf::DataType::float32, {2, 3}, {1, 2, 3, 4, 5, 6})}}));
  for (const bool is_resource : {false, true}) {
    GraphWriter w;
    for (const int64_t part : {0, 1}) {
      w.node("w/part_" + std::to_string(part), is_resource ? "VarHandleOp" : "VariableV2", {},
             {{"dtype", tf::DataType::float32}, {"shape", tf::PartialShape{true, {2, part + 1}}}});
      if (is_resource) w.node("read_" + std::to_string(part), "ReadVariableOp", {"w/part_" + std::to_string(part)});
    }
    const auto g = freeze(w.take(), tf::Checkpoint::open(folder + "/model.ckpt").value(), {});
    ASSERT_TRUE(g) << to_string(g.error());
    const tf::Node& second = g->nodes[is_resource ? 3 : 1];
    EXPECT_EQ(second.op, "Const");
    const auto* value = second.attr<tf::Tensor>("value");
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(value->dims, (std::vector<int64_t>{2, 2}));
    for (const auto& [i, wanted] : {std::pair(0, 2.0f), std::pair(1, 3.0f), std::pair(2, 5.0f), std::pair(3, 6.0f)})
      EXPECT_EQ(value->data.get<float>(static_cast<size_t>(i)), wanted);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace monolite::conversion
