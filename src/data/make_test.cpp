#include "data/make.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "data/dataset.h"
#include "data/label_file.h"
#include "data/sheet.h"
#include "image/palette.h"
#include "image/png.h"
#include "image/read.h"

namespace monolite::data {
namespace {

namespace fs = std::filesystem;

TEST(LabelFile, TakesNamesWithAndWithoutColours) {
  const auto names = parse_label_file("road\nsky blue\r\n\n# no class\nzone 30\n", "f");
  ASSERT_TRUE(names);
  ASSERT_EQ(names->size(), 3u);
  EXPECT_EQ((*names)[1].name, "sky blue");
  EXPECT_EQ((*names)[2].name, "zone 30");
  EXPECT_FALSE((*names)[0].color);
  for (const char* text : {"sky blue 1 2 255\nroad 4 5 6\n", "name,r,g,b\nsky blue,1,2,255\nroad,4,5,6",
                           "# label:color_rgb:parts:actions\nsky blue:1,2,255::\nroad:4,5,6::\n"}) {
    const auto colored = parse_label_file(text, "f");
    ASSERT_TRUE(colored) << text;
    ASSERT_EQ(colored->size(), 2u) << text;
    EXPECT_EQ((*colored)[0].name, "sky blue") << text;
    EXPECT_EQ((*colored)[0].color, (image::Color{1, 2, 255})) << text;
    EXPECT_EQ((*colored)[1].color, (image::Color{4, 5, 6})) << text;
  }
}

TEST(LabelFile, RefusesHalfTheColoursAndTwiceTheSame) {
  EXPECT_FALSE(parse_label_file("", "f"));
  EXPECT_NE(parse_label_file("a 1 2 3\nb\n", "f").error().found.find("\"b\" without a colour"), std::string::npos);
  EXPECT_NE(parse_label_file("a 1 2 3\nb 1 2 3\n", "f").error().found.find("of one colour"), std::string::npos);
}

class Make : public ::testing::Test {
 protected:
  Make() : root_(fs::temp_directory_path() / ("monolite_make_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    for (const char* folder : {"images", "masks"}) fs::create_directories(root_ / folder);
    text("labels.txt", "road 10 20 30\nsky 40 50 60\nvoid 0 0 0\n");
    request_.images = path("images");
    request_.masks = path("masks");
    request_.labels = path("labels.txt");
    request_.folder = path("made");
  }
  ~Make() override { fs::remove_all(root_); }

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  void text(const std::string& name, const std::string& words) const { std::ofstream(path(name)) << words; }
  void picture(const std::string& name, image::Color color, const char* folder = "images") const {
    ASSERT_TRUE(image::write_png(image::Image(4, 3, color), path(std::string(folder) + "/" + name)));
  }
  void many(int count) const {
    for (int i = 0; i < count; ++i) {
      picture("p" + std::to_string(i) + ".png", {7, 7, 7});
      picture("p" + std::to_string(i) + ".png", i % 2 == 0 ? image::Color{10, 20, 30} : image::Color{40, 50, 60},
              "masks");
    }
  }
  Expected<Dataset> open(const std::string& split) const {
    DatasetRequest r;
    r.name = request_.folder;
    r.split = split;
    return open_dataset(r);
  }

  fs::path root_;
  MakeRequest request_;
};

TEST_F(Make, ColourMasksBecomeLabelsInFilesAndInRecords) {
  many(40);
  picture("void.png", {1, 1, 1}), picture("void.png", {0, 0, 0}, "masks");
  for (const bool as_records : {false, true}) {
    request_.as_records = as_records;
    request_.shards = 3;
    request_.folder = path(as_records ? "records" : "files");
    const auto made = make_dataset(request_);
    ASSERT_TRUE(made) << to_string(made.error());
    ASSERT_EQ(made->classes.size(), 2u);
    EXPECT_EQ(made->classes[1].pixels, 20 * 12);
    EXPECT_EQ(made->classes[1].pictures, 20);
    EXPECT_EQ(made->ignored, 12);
    EXPECT_EQ(made->splits.at("train") + made->splits.at("val"), 41);
    EXPECT_GT(made->splits.at("val"), 0);
    EXPECT_LT(made->splits.at("val"), 12);
    int64_t seen = 0;
    for (const char* split : {"train", "val"}) {
      const auto d = open(split);
      ASSERT_TRUE(d) << to_string(d.error());
      EXPECT_EQ(d->classes, 2);
      EXPECT_EQ(d->names, (std::vector<std::string>{"road", "sky"}));
      EXPECT_EQ(d->colors[1], (image::Color{40, 50, 60}));
      for (int64_t i = 0; i < d->source->size(); ++i, ++seen) {
        const auto s = d->source->load(i);
        ASSERT_TRUE(s) << to_string(s.error());
        const std::string stem = fs::path(s->name).stem().string();
        EXPECT_EQ(s->labels[5], stem == "void" ? 255 : std::stoi(stem.substr(1)) % 2) << stem;
      }
    }
    EXPECT_EQ(seen, 41);
  }
}

TEST_F(Make, UnknownColoursAreListedWithAFile) {
  many(2);
  picture("odd.png", {7, 7, 7}), picture("odd.png", {200, 100, 50}, "masks");
  const auto made = make_dataset(request_);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().found.find("200 100 50: 12 pixels, first in " + path("masks/odd.png")), std::string::npos)
      << made.error().found;
  EXPECT_FALSE(fs::exists(request_.folder)) << "nothing is made of half a set";
  request_.ignore_unknown = true;
  const auto ignoring = make_dataset(request_);
  ASSERT_TRUE(ignoring);
  EXPECT_EQ(ignoring->ignored, 12);
}

TEST_F(Make, IndicesAndGreysAreLabelsAndPalettesByRequestColours) {
  text("labels.txt", "a\nb\nc\n");
  request_.val_share = 0;
  picture("grey.png", {7, 7, 7}), picture("grey.png", {2, 2, 2}, "masks");
  image::Mask mask(4, 3);
  mask.labels.assign(12, 1);
  picture("palette.png", {7, 7, 7});
  // Index 1 is shown in the colour of PASCAL's label 2.
  const std::vector<image::Color> palette{{}, image::pascal_color(2)};
  ASSERT_TRUE(write_file(path("masks/palette.png"), *image::encode_png(mask, palette)));
  const auto labels = [&] {
    const auto made = make_dataset(request_);
    EXPECT_TRUE(made) << to_string(made.error());
    const auto d = open("train");
    return std::pair(d->source->load(0)->labels[0], d->source->load(1)->labels[0]);
  };
  EXPECT_EQ(labels(), (std::pair<uint8_t, uint8_t>(2, 1)));
  fs::remove_all(request_.folder);
  fs::remove(path("images/grey.png"));
  picture("other.png", {7, 7, 7}), picture("other.png", image::pascal_color(1), "masks");
  request_.by_palette = true;
  EXPECT_EQ(labels(), (std::pair<uint8_t, uint8_t>(1, 2)));
}

TEST_F(Make, NamesWhatIsWrong) {
  many(2);
  image::Mask mask(4, 3);
  mask.labels.assign(12, 9);
  picture("p2.png", {});
  EXPECT_NE(to_string(make_dataset(request_).error()).find("p2.png"), std::string::npos) << "no mask";
  ASSERT_TRUE(write_file(path("masks/p2.png"), *image::encode_png(mask, image::distinct_colors())));
  const auto label = make_dataset(request_);
  EXPECT_EQ(label.error().where, path("masks/p2.png"));
  EXPECT_EQ(label.error().found, "label 9 at column 0, row 0");
  ASSERT_TRUE(image::write_png(image::Image(5, 3, {10, 20, 30}), path("masks/p2.png")));
  EXPECT_EQ(make_dataset(request_).error().found, "5x3");
  fs::create_directories(request_.folder + "/sub");
  EXPECT_EQ(make_dataset(request_).error().kind, ErrorKind::usage) << "a folder that is not empty";
}

TEST_F(Make, SplitsThatFoldersHaveStay) {
  for (const char* split : {"train", "val"}) {
    fs::create_directories(root_ / "images" / split);
    fs::create_directories(root_ / "masks" / split);
    const std::string name = std::string(split) + "/" + split + ".png";
    picture(name, {7, 7, 7}), picture(name, {10, 20, 30}, "masks");
  }
  const auto made = make_dataset(request_);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ(made->splits, (std::map<std::string, int64_t>{{"train", 1}, {"val", 1}}));
  EXPECT_EQ(made->remarks, (std::vector<std::string>{"no mask has \"sky\""}));
}

TEST_F(Make, DescriptionsOfAnotherKindAreRefused) {
  fs::create_directories(request_.folder);
  const auto fails = [&](const std::string& json) {
    std::ofstream(request_.folder + "/dataset.json") << json;
    const auto d = open("train");
    return d ? std::string("opened") : d.error().found;
  };
  EXPECT_EQ(fails("{"), "no JSON object");
  EXPECT_EQ(fails("{}"), "another \"format\" or \"version\"");
  const std::string head = R"({"format": "monolite-dataset", "version": 1, )";
  EXPECT_EQ(fails(head + "\"classes\": []}"), "no list of \"classes\"");
  EXPECT_EQ(fails(head + R"("classes": [{"name": 3}]})"), "class 0 without a name");
  EXPECT_EQ(fails(head + R"("classes": [{"name": "a", "color": [1, 2, 256]}]})"), "class 0 with another colour");
  EXPECT_EQ(fails(head + R"("classes": [{"name": "a"}], "splits": {"train": [{"image": 1}]}})"),
            "split \"train\", entry 0 of another kind");
  EXPECT_EQ(fails(head + R"("classes": [{"name": "a"}], "splits": {"val": []}})"), "no split \"train\"");
  EXPECT_EQ(fails(head + R"("classes": [{"name": "a"}], "splits": {"train": []}})"), "no pictures in split \"train\"");
}

TEST(Sheet, HasAllSamplesAndTheirClasses) {
  DatasetRequest r;
  r.name = "scenes";
  r.height = r.width = 65;
  const auto d = open_dataset(r);
  ASSERT_TRUE(d);
  const auto sheet = draw_samples(*d, 0, 5, d->names, image::distinct_colors());
  ASSERT_TRUE(sheet);
  EXPECT_GT(sheet->width, 900);
  EXPECT_GT(sheet->height, 3 * 240);
}

}  // namespace
}  // namespace monolite::data
