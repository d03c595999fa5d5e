#include "data/records.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "data/dataset.h"
#include "data/example.h"
#include "data/tfrecord.h"
#include "image/palette.h"
#include "image/png.h"

namespace monolite::data {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }
Buffer buffer_of(const std::string& text) { return Buffer::copy_of(bytes_of(text)); }

TEST(RecordFile, ReadsWhatItWrote) {
  std::string file;
  const std::string large(100000, 'x');
  for (const std::string& record : {std::string("one"), std::string(), large}) append_record(file, bytes_of(record));
  const auto read = RecordFile::parse(buffer_of(file), "f");
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->size(), 3);
  EXPECT_EQ(read->record(0)->size(), 3u);
  EXPECT_EQ(read->record(1)->size(), 0u);
  EXPECT_EQ(read->record(2)->size(), large.size());
  EXPECT_EQ(RecordFile::parse(Buffer(), "f")->size(), 0);
}

TEST(RecordFile, WritesLengthAndMaskedChecksums) {
  std::string file;
  append_record(file, bytes_of("a"));
  // By an implementation of CRC-32C of a few lines of Python.
  EXPECT_EQ(file, std::string("\x01\0\0\0\0\0\0\0\x01\x75\xde\x41\x61\x78\x6e\xe4\x28", 17));
}

TEST(RecordFile, TellsEveryChangedByteAndEveryCut) {
  std::string file;
  append_record(file, bytes_of("hello"));
  append_record(file, bytes_of("world"));
  for (size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] ^= 0x10;
    const auto read = RecordFile::parse(buffer_of(changed), "f");
    EXPECT_FALSE(read && read->size() == 2 && read->record(0) && read->record(1)) << i;
    const auto cut = RecordFile::parse(buffer_of(file.substr(0, i)), "f");
    EXPECT_EQ(cut.has_value(), i == 0 || i == file.size() / 2) << i;
  }
}

TEST(RecordFile, NamesPlaceAndRemedy) {
  std::string file;
  append_record(file, bytes_of("hello"));
  file[14] ^= 1;
  EXPECT_EQ(RecordFile::parse(buffer_of(file), "f")->record(0).error().where, "f, record 0");
  const auto zipped = RecordFile::parse(buffer_of(std::string("\x1f\x8b\x08\0\0\0\0\0\0\0\0\0\0\0", 14)), "f");
  EXPECT_EQ(zipped.error().found, "a compressed file");
}

TEST(Example, ReadsWhatItWrote) {
  Example e;
  e["name"].bytes = {"a", "", "b"};
  e["size"].integers = {1, -1, int64_t{1} << 40};
  const std::string written = serialize_example(e);
  const auto read = parse_example(bytes_of(written));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("name").bytes, e["name"].bytes);
  EXPECT_EQ(read->at("size").integers, e["size"].integers);
  EXPECT_FALSE(parse_example(bytes_of(written.substr(0, written.size() - 1))));
}

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
    for (const std::string& r : records) append_record(file, bytes_of(r));
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
  Example e;
  e["label"].integers = {1};
  write("train.tfrecord", {sample("a", 1), sample("b", 1, 5), serialize_example(e), "no example"});
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
