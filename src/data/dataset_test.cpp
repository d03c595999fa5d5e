#include "data/dataset.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "image/palette.h"
#include "image/png.h"

namespace monolite::data {
namespace {

namespace fs = std::filesystem;

class Folder : public ::testing::Test {
 protected:
  Folder() : root_(fs::temp_directory_path() / ("monolite_data_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Folder() override { fs::remove_all(root_); }

  std::string path(const std::string& name) const {
    fs::create_directories((root_ / name).parent_path());
    return (root_ / name).string();
  }
  void picture(const std::string& name, int width = 3, int height = 2) const {
    ASSERT_TRUE(write_file(path(name), *image::encode_png(image::Image(width, height, {9, 8, 7}))));
  }
  void mask(const std::string& name, uint16_t label, int width = 3, int height = 2) const {
    image::Mask m(width, height);
    m.labels.assign(m.labels.size(), label);
    ASSERT_TRUE(write_file(path(name), *image::encode_png(m, image::distinct_colors())));
  }
  void text(const std::string& name, const std::string& words) const { std::ofstream(path(name)) << words; }

  Expected<Dataset> open(const std::string& split = "val") const {
    DatasetRequest r;
    r.name = root_.string();
    r.split = split;
    return open_dataset(r);
  }
  // The label of the first pixel of each picture; -1 where it cannot be loaded.
  static std::vector<int> first_labels(const Dataset& d) {
    std::vector<int> labels;
    for (int64_t i = 0; i < d.source->size(); ++i) {
      const auto s = d.source->load(i);
      labels.push_back(s ? s->labels.at(0) : -1);
    }
    return labels;
  }

  fs::path root_;
};

TEST_F(Folder, ReadsPascalsLayout) {
  picture("JPEGImages/a.jpg"), picture("JPEGImages/b.jpg"), picture("JPEGImages/c.jpg");
  mask("SegmentationClass/a.png", 1), mask("SegmentationClass/c.png", 20);
  text("ImageSets/Segmentation/val.txt", "c\na\n");
  const auto d = open();
  ASSERT_TRUE(d) << to_string(d.error());
  EXPECT_EQ(d->classes, 21);
  EXPECT_EQ(d->ignore_label, 255);
  EXPECT_EQ(first_labels(*d), (std::vector<int>{20, 1}));
  EXPECT_NE(d->description.find("PASCAL VOC"), std::string::npos);
  const auto other = open("test");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().expected, "one of val");
}

TEST_F(Folder, ReadsCityscapesLayoutByTrainingLabelsOrNumbers) {
  picture("leftImg8bit/val/ulm/ulm_1_leftImg8bit.png");
  picture("leftImg8bit/val/bonn/bonn_1_leftImg8bit.png");
  mask("gtFine/val/ulm/ulm_1_gtFine_labelIds.png", 26);
  mask("gtFine/val/bonn/bonn_1_gtFine_labelIds.png", 0);
  const auto d = open();
  ASSERT_TRUE(d) << to_string(d.error());
  EXPECT_EQ(d->classes, 19);
  EXPECT_EQ(first_labels(*d), (std::vector<int>{255, 13}));
  mask("gtFine/val/ulm/ulm_1_gtFine_labelTrainIds.png", 4);
  mask("gtFine/val/bonn/bonn_1_gtFine_labelTrainIds.png", 5);
  EXPECT_EQ(first_labels(*open()), (std::vector<int>{5, 4}));
}

TEST_F(Folder, ReadsAdesLayout) {
  picture("images/validation/x.jpg");
  mask("annotations/validation/x.png", 150);
  const auto d = open();
  ASSERT_TRUE(d) << to_string(d.error());
  EXPECT_EQ(d->classes, 151);
  EXPECT_EQ(d->ignore_label, 0);
  EXPECT_EQ(first_labels(*d), (std::vector<int>{150}));
}

TEST_F(Folder, ReadsImagesAndMasksWithAndWithoutSplits) {
  picture("images/val/x.png");
  mask("masks/val/x.png", 3);
  EXPECT_EQ(first_labels(*open()), (std::vector<int>{3}));
  EXPECT_EQ(open("train").error().expected, "one of val");
  DatasetRequest r;
  r.images = path("images/val");
  r.masks = path("masks/val");
  r.classes = 4;
  const auto d = open_dataset(r);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->classes, 4);
  EXPECT_EQ(first_labels(*d), (std::vector<int>{3}));
}

TEST_F(Folder, LabelsGetOtherNumbers) {
  picture("images/a.png"), picture("images/b.png");
  mask("masks/a.png", 7), mask("masks/b.png", 9);
  DatasetRequest r;
  r.name = root_.string();
  r.classes = 1;
  r.ignore_label = -1;
  r.label_map = *LabelMap::parse("7=0,*=ignore");
  const auto d = open_dataset(r);
  ASSERT_TRUE(d) << to_string(d.error());
  EXPECT_EQ(d->ignore_label, 255) << "what the map leaves out needs a number";
  EXPECT_EQ(first_labels(*d), (std::vector<int>{0, 255}));
}

TEST_F(Folder, NamesTheFileThatIsWrong) {
  picture("images/a.png"), picture("images/b.png");
  mask("masks/a.png", 3, 5, 2);
  EXPECT_EQ(open().error().where, path("images/b.png")) << "no mask";
  mask("masks/b.png", 3);
  const auto d = open();
  ASSERT_TRUE(d) << to_string(d.error());
  const auto s = d->source->load(0);
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().where, path("masks/a.png"));
  EXPECT_EQ(s.error().found, "5x2");
  EXPECT_EQ(s.error().expected, "3x2, as " + path("images/a.png") + " has");
}

TEST_F(Folder, RefusesWhatIsNoDataSet) {
  EXPECT_NE(open().error().expected.find("Cityscapes"), std::string::npos);
  text("ImageSets/Segmentation/val.txt", "");
  fs::create_directories(root_ / "JPEGImages");
  EXPECT_NE(open().error().found.find("no pictures"), std::string::npos);
  DatasetRequest r;
  r.name = "cityscape";
  EXPECT_EQ(open_dataset(r).error().kind, ErrorKind::usage);
  r.name = "cityscapes";
  EXPECT_NE(open_dataset(r).error().expected.find("--dataset_dir"), std::string::npos);
}

TEST(Scenes, AreSplitsWithoutCommonPictures) {
  DatasetRequest r;
  r.name = "scenes";
  r.height = 33, r.width = 49;
  const auto train = open_dataset(r);
  r.split = "val";
  const auto val = open_dataset(r);
  ASSERT_TRUE(train && val);
  EXPECT_EQ(train->names.size(), 8u);
  EXPECT_EQ(val->source->size(), 500);
  const auto a = train->source->load(0), b = val->source->load(0);
  EXPECT_EQ(a->width, 49);
  EXPECT_NE(a->image, b->image);
  EXPECT_EQ(b->name, "scene_1000000000");
}

}  // namespace
}  // namespace monolite::data
