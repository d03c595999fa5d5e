#include "tensorflow/tf_record.h"

#include <gtest/gtest.h>

#include "tensorflow/example.h"

namespace monolite::tensorflow {
namespace {

Buffer bytes_of(const std::string& text) { return Buffer::copy_of(std::as_bytes(std::span(text))); }

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string two_records() {
  std::string file;
  append_record(file, "first");
  append_record(file, "");
  return file;
}

// The checksums were computed bit by bit, by another program.
TEST(TfRecord, HasTensorFlowsLayout) {
  std::string file;
  append_record(file, "abc");
  EXPECT_EQ(file, std::string("\x03\0\0\0\0\0\0\0\xb0\x99\x49\x0e"
                              "abc"
                              "\x6e\x57\xf1\x21",
                              19));
}

TEST(TfRecord, GivesWhatWasWritten) {
  const auto file = TfRecordFile::parse(bytes_of(two_records()), "f");
  ASSERT_TRUE(file) << to_string(file.error());
  ASSERT_EQ(file->size(), 2u);
  EXPECT_EQ(text_of(file->record(0).value()), "first");
  EXPECT_EQ(text_of(file->record(1).value()), "");
  EXPECT_EQ(TfRecordFile::parse(bytes_of(""), "f")->size(), 0u);
}

TEST(TfRecord, EveryCutAndEveryWrongByteIsSeen) {
  const std::string whole = two_records();
  const size_t first = 12 + 5 + 4;
  for (size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(TfRecordFile::parse(bytes_of(whole.substr(0, size)), "f").has_value(), size == first) << size;
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string wrong = whole;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    const auto file = TfRecordFile::parse(bytes_of(wrong), "f");
    EXPECT_FALSE(file && file->record(0) && file->record(1)) << i;
  }
}

TEST(TfRecord, TellsWhichRecordIsDamagedAndWhatIsCompressed) {
  std::string wrong = two_records();
  wrong[12] = 'F';
  const auto file = TfRecordFile::parse(bytes_of(wrong), "val.tfrecord");
  ASSERT_TRUE(file);
  EXPECT_NE(to_string(file->record(0).error()).find("val.tfrecord, record 0"), std::string::npos);
  const auto packed = TfRecordFile::parse(bytes_of("\x78\x9c compressed bytes"), "f");
  ASSERT_FALSE(packed);
  EXPECT_NE(to_string(packed.error()).find("zlib-compressed"), std::string::npos);
}

TEST(Example, IsReadAsWritten) {
  const Example e{{"image/encoded", BytesList{std::string("\0png", 4)}},
                  {"image/height", Int64List{375, -1}},
                  {"nothing", BytesList{}},
                  {"scores", FloatList{0.5f, -3}}};
  const std::string bytes = write_example(e);
  const auto again = parse_example(std::as_bytes(std::span(bytes)), "e");
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(*again, e);
}

// int64_list { value: [3] } and float_list { value: [1] }, each value in a field of its own.
TEST(Example, TakesListsThatAreNotPacked) {
  const Example e{{"f", FloatList{1}}, {"i", Int64List{3}}};
  std::string entries;
  entries += std::string("\x0a\x09\x0a\x01i\x12\x04\x1a\x02\x08\x03", 11);
  entries += std::string(
      "\x0a\x0c\x0a\x01"
      "f\x12\x07\x12\x05\x0d\0\0\x80\x3f",
      14);
  const std::string example = std::string("\x0a") + static_cast<char>(entries.size()) + entries;
  const auto parsed = parse_example(std::as_bytes(std::span(example)), "e");
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(*parsed, e);
}

TEST(Example, OtherBytesAreRefused) {
  const std::string text = "no example at all";
  const auto parsed = parse_example(std::as_bytes(std::span(text)), "train.tfrecord, record 3");
  ASSERT_FALSE(parsed);
  EXPECT_NE(to_string(parsed.error()).find("train.tfrecord, record 3"), std::string::npos);
}

}  // namespace
}  // namespace monolite::tensorflow
