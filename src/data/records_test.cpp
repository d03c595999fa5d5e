#include "data/records.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "data/dataset.h"
#include "image/palette.h"
#include "image/png.h"
#include "tensorflow/example.h"
#include "tensorflow/tf_record.h"

namespace monolite::data {
namespace {

namespace fs = std::filesystem;

class Records : public ::testing::Test {
 protected:
  Records() : root_(fs::temp_directory_path() / ("monolite_records_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Records() override { fs::remove_all(root_); }

  static std::string sample(const std::string& name, uint16_t label, int mask_width = 4) {
    image::Mask mask(mask_width, 2);
    mask.labels.assign(mask.labels.size(), label);
    return segmentation_record(name, *image::encode_png(image::Image(4, 2, {1, 2, 3})), 2, 4,
                               *image::encode_png(mask, image::distinct_colors()));
  }
  void write(const std::string& name, const std::vector<std::string>& records) const {
    std::string file;
    for (const std::string& r : records) tensorflow::append_record(file, r);
    ASSERT_TRUE(write_file((root_ / name).string(), file));
  }
  Expected<Dataset> open(const std::string& split, std::optional<int> classes = {}) const {
    DatasetRequest r;
    r.name = classes ? "" : "pascal_voc_seg";
    r.folder = root_.string();
    r.split = split;
    r.classes = classes;
    return open_dataset(r);
  }

  fs::path root_;
};

TEST_F(Records, AreReadOverAllShardsOfASplit) {
  write("train-00000-of-00002.tfrecord", {sample("a", 1), sample("b", 2)});
  write("train-00001-of-00002.tfrecord", {sample("c", 3)});
  write("trainval-00000-of-00001", {sample("d", 4)});
  write("val.tfrecord", {sample("e", 5)});
  const auto train = open("train");
  ASSERT_TRUE(train) << to_string(train.error());
  EXPECT_EQ(train->classes, 21);
  std::vector<int> labels;
  std::string names;
  for (int64_t i = 0; i < train->source->size(); ++i) {
    const auto s = train->source->load(i);
    ASSERT_TRUE(s) << to_string(s.error());
    labels.push_back(s->labels[0]);
    names += s->name;
  }
  EXPECT_EQ(labels, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(names, "abc");
  EXPECT_EQ(open("trainval")->source->load(0)->labels[0], 4);
  EXPECT_EQ(open("val", 6)->classes, 6);
  EXPECT_EQ(open("test").error().expected, "one of train, trainval, val");
}

TEST_F(Records, SayWhichRecordIsWrong) {
  const std::string other = tensorflow::write_example({{"label", tensorflow::Int64List{1}}});
  write("train.tfrecord", {sample("a", 1), sample("b", 1, 5), other, "no example"});
  const auto d = open("train");
  ASSERT_TRUE(d);
  EXPECT_TRUE(d->source->load(0));
  const auto error = [&](int64_t i) { return to_string(d->source->load(i).error()); };
  EXPECT_NE(error(1).find("record 1, the mask of b"), std::string::npos) << error(1);
  EXPECT_NE(error(1).find("5x2"), std::string::npos);
  EXPECT_NE(error(2).find("no feature image/encoded"), std::string::npos) << error(2);
  EXPECT_NE(error(3).find("record 3"), std::string::npos) << error(3);
}

}  // namespace
}  // namespace monolite::data
