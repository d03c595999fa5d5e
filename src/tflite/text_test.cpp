#include "tflite/text.h"

#include <gtest/gtest.h>

#include <limits>

#include "ir/builder.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite::tflite {
namespace {

Model small() {
  Model m{.description = "a \xff b", .graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const auto x = b.input("x", DType::float32, {2});
  Quantization q = per_tensor(0.1f, 3);
  q.max = {std::numeric_limits<float>::infinity()};
  const auto c = b.constant<uint8_t>("c", {5}, {0, 1, 127, 128, 255}, q);
  const auto f = b.constant<float>("f", {1}, {-0.0f});
  const auto y = b.tensor("y", DType::float32, {2}), z = b.tensor("z", DType::float32, {5});
  b.node(OpCode::DEQUANTIZE, {c}, {z});
  b.node(OpCode::LEAKY_RELU, {x}, {y}).attributes.set_table("LeakyReluOptions");
  m.main().nodes.back().attributes.set("alpha", 0.3);
  b.node(OpCode::CUSTOM, {f}, {b.tensor("w", DType::float32, {1})}).custom_code = "mine";
  m.main().nodes.back().custom_options = Buffer::of(std::vector<uint8_t>{9, 8, 7, 6});
  b.output(y);
  m.metadata.emplace_back("note", Buffer::of(std::vector<uint8_t>{1, 2}));
  return m;
}

TEST(Text, BringsEveryByteBack) {
  const auto bytes = write(small());
  ASSERT_TRUE(bytes) << to_string(bytes.error());
  const auto first = read(Buffer::of(std::vector<std::byte>(*bytes)), "small");
  ASSERT_TRUE(first) << to_string(first.error());
  const auto back = from_text(to_text(*first), "text");
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(*write(*back), *bytes);
  EXPECT_EQ(back->main().tensors[1].quantization.max[0], std::numeric_limits<float>::infinity());
}

TEST(Text, SharedBytesStayShared) {
  Model m{.graphs = std::vector<Graph>(2)};
  GraphBuilder(m.graphs[0]).constant<float>("a", {1}, {2});
  GraphBuilder(m.graphs[0]).constant<float>("other", {1}, {2});
  m.graphs[1].tensors = {m.graphs[0].tensors[0]};
  m.metadata.emplace_back("note", m.graphs[0].tensors[0].data);
  const auto back = from_text(to_text(m), "text");
  ASSERT_TRUE(back) << to_string(back.error());
  const std::byte* a = back->graphs[0].tensors[0].data.data();
  EXPECT_EQ(back->graphs[1].tensors[0].data.data(), a);
  EXPECT_EQ(back->metadata[0].second.data(), a);
  EXPECT_NE(back->graphs[0].tensors[1].data.data(), a);
  EXPECT_EQ(*write(*back), *write(m));
}

TEST(Text, RefusesBytesThatNothingHas) {
  std::string text = to_text(small());
  const size_t data = text.find("\"data\":{");
  ASSERT_NE(data, std::string::npos);
  text.replace(data, text.find('}', data) + 1 - data, "\"data\":{\"id\":7}");
  const auto back = from_text(text, "file.json");
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().found, "bytes with an id that nothing before them has");
}

TEST(Text, RefusesNumbersThatDoNotFit) {
  for (const char* number : {"1e44", "4294967296", "0.5", "\"2\""}) {
    std::string text = to_text(small());
    const size_t at = text.find("\"version\": 3");
    ASSERT_NE(at, std::string::npos);
    text.replace(at + 11, 1, number);
    const auto back = from_text(text, "file.json");
    ASSERT_FALSE(back) << number;
    EXPECT_NE(back.error().found.find(" for a whole number of 32 bits"), std::string::npos) << back.error().found;
  }
}

TEST(Text, KeepsTypesThatHaveNoName) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder(m.graphs[0]).input("x", static_cast<DType>(-52), {1});
  const auto back = from_text(to_text(m), "text");
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(back->main().tensors[0].dtype, static_cast<DType>(-52));
}

TEST(Text, SaysWhatIsNoSuchText) {
  for (const char* text : {"", "{", "[]", "{\"monolite_text\": 2}", "{\"monolite_text\": 1}"}) {
    const auto back = from_text(text, "file.json");
    ASSERT_FALSE(back) << text;
    EXPECT_EQ(back.error().expected, "the text that `monolite dump` writes");
  }
}

TEST(Text, RefusesAnIndexThatPointsNowhere) {
  std::string text = to_text(small());
  const size_t at = text.find("\"outputs\": [3]");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 14, "\"outputs\": [99]");
  EXPECT_FALSE(from_text(text, "file.json"));
}

}  // namespace
}  // namespace monolite::tflite
