#include "tensorflow/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "tensorflow/fixtures.h"

namespace monolite::tensorflow {
namespace {

class CheckpointFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "monolite_ckpt_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    variables_["a/weights"] = Tensor::of<float>(DataType::float32, {2, 3}, {1, 2, 3, 4, 5, 6});
    variables_["global_step"] = Tensor::of<int64_t>(DataType::int64, {}, {30000});
    variables_["zero"] = Tensor::of<float>(DataType::float32, {0}, {});
    const auto written = write_checkpoint(folder_ + "/model.ckpt-7", variables_);
    ASSERT_TRUE(written) << to_string(written.error());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
  std::map<std::string, Tensor> variables_;
};

TEST_F(CheckpointFiles, ComeBackAsWritten) {
  const auto c = Checkpoint::open(folder_ + "/model.ckpt-7");
  ASSERT_TRUE(c) << to_string(c.error());
  EXPECT_EQ(c->variables().size(), variables_.size());
  for (const auto& [name, expected] : variables_) {
    const auto t = c->read(name);
    ASSERT_TRUE(t) << to_string(t.error());
    EXPECT_EQ(t->dims, expected.dims);
    EXPECT_EQ(t->dtype, expected.dtype);
    ASSERT_EQ(t->data.size_bytes(), expected.data.size_bytes());
    if (t->data.empty()) continue;
    EXPECT_EQ(std::memcmp(t->data.data(), expected.data.data(), t->data.size_bytes()), 0) << name;
  }
}

TEST_F(CheckpointFiles, AreFoundByWhateverNamesThem) {
  const std::string prefix = folder_ + "/model.ckpt-7";
  for (const char* ending : {"", ".index", ".data-00000-of-00001", ".meta"}) {
    EXPECT_EQ(find_checkpoint(prefix + ending).value(), prefix) << ending;
  }
  EXPECT_EQ(to_string(find_checkpoint(folder_).error()),
            folder_ +
                "\n  found     a folder without a `checkpoint` state file\n"
                "  expected  the prefix of a checkpoint; in that folder: model.ckpt-7\n  to mend   name one of them");
  ASSERT_TRUE(write_checkpoint_state(folder_, "model.ckpt-7", {"model.ckpt-7"}));
  EXPECT_EQ(find_checkpoint(folder_).value(), prefix);
  EXPECT_EQ(find_checkpoint(folder_ + "/checkpoint").value(), prefix);
  ASSERT_TRUE(write_checkpoint_state(folder_, "/elsewhere/before/model.ckpt-7", {}));
  EXPECT_EQ(find_checkpoint(folder_).value(), prefix) << "the folder was moved";
  EXPECT_NE(to_string(find_checkpoint(folder_ + "/model.ckpt").error()).find("in that folder: model.ckpt-7"),
            std::string::npos);
}

TEST_F(CheckpointFiles, NameTheNearestVariable) {
  const auto c = Checkpoint::open(folder_ + "/model.ckpt-7").value();
  EXPECT_EQ(to_string(c.read("a/weight").error()),
            folder_ +
                "/model.ckpt-7\n  found     no variable a/weight\n  expected  that variable\n"
                "  to mend   the nearest name in it is a/weights");
}

TEST_F(CheckpointFiles, NoticeChangedData) {
  const std::string data = folder_ + "/model.ckpt-7.data-00000-of-00001";
  const Buffer before = map_file(data).value();
  std::vector<std::byte> bytes(before.bytes().begin(), before.bytes().end());
  bytes[5] ^= std::byte{1};
  ASSERT_TRUE(write_file(data, bytes));
  const auto c = Checkpoint::open(folder_ + "/model.ckpt-7").value();
  EXPECT_EQ(c.read("a/weights").error().found, "a wrong checksum");
  EXPECT_TRUE(c.read("global_step"));
  ASSERT_TRUE(write_file(data, std::span(bytes).first(10)));
  EXPECT_EQ(Checkpoint::open(folder_ + "/model.ckpt-7").value().read("a/weights").error().found,
            "bytes 0 to 24 of a shard of 10");
}

TEST(Checkpoint, AssemblesPartitionsFromShards) {
  SHARED_OR_SKIP(sharded, "fixtures/checkpoint_sharded/model.ckpt-30000.index");
  SHARED_OR_SKIP(whole, "fixtures/deeplab_tiny_float/model.ckpt-30000.index");
  const auto a = Checkpoint::open(sharded), b = Checkpoint::open(whole);
  ASSERT_TRUE(a) << to_string(a.error());
  ASSERT_TRUE(b) << to_string(b.error());
  int partitioned = 0;
  for (const auto& [name, v] : a->variables()) {
    const auto x = a->read(name), y = b->read(name);
    ASSERT_TRUE(x) << to_string(x.error());
    ASSERT_TRUE(y) << to_string(y.error());
    EXPECT_EQ(x->dims, y->dims) << name;
    ASSERT_EQ(x->data.size_bytes(), y->data.size_bytes()) << name;
    EXPECT_EQ(std::memcmp(x->data.data(), y->data.data(), x->data.size_bytes()), 0) << name;
    partitioned += v.slices.empty() ? 0 : 1;
  }
  EXPECT_EQ(partitioned, 2);
}

}  // namespace
}  // namespace monolite::tensorflow
