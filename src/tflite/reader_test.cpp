#include "tflite/reader.h"

#include <gtest/gtest.h>

#include "ir/builder.h"
#include "tflite/writer.h"

namespace monolite::tflite {
namespace {

Buffer text(const std::string& s) { return Buffer::copy_of(std::as_bytes(std::span(s.data(), s.size()))); }

TEST(Reader, SaysWhatItWasGivenInstead) {
  EXPECT_EQ(to_string(read(text("PK\x03\x04 and more"), "a.zip").error()),
            "a.zip\n  found     no TFL3 mark at byte 4\n  expected  a TensorFlow Lite model (.tflite)\n"
            "  to mend   this is a ZIP archive: unpack it first");
  EXPECT_EQ(read(Buffer(), "empty").error().found, "an empty file");
  EXPECT_NE(read(text("\x89PNG\r\n\x1a\n...."), "x.png").error().mend.find("picture"), std::string::npos);
}

TEST(Reader, EveryCutIsAnErrorOrAModel) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const auto x = b.input("x", DType::float32, {1, 2});
  const auto w = b.constant<float>("w", {2}, {1, 2});
  const auto y = b.tensor("y", DType::float32, {1, 2});
  b.node(OpCode::ADD, {x, w}, {y});
  b.output(y);
  const auto bytes = write(m).value();
  for (size_t n = 0; n < bytes.size(); ++n) {
    const auto cut = read(Buffer::copy_of(std::span(bytes).first(n)), "cut");
    if (cut) {
      EXPECT_EQ(cut->graphs.size(), 1u);
    }
  }
}

TEST(Reader, AConstantHasTheBytesOfItsShape) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  b.constant<float>("w", {3}, {1, 2});
  EXPECT_EQ(to_string(read(Buffer::of(write(m).value()), "m.tflite").error()),
            "m.tflite, subgraph 0, tensor 0 \"w\", data\n  found     8 bytes\n"
            "  expected  12 bytes for float32 of shape 3\n"
            "  to mend   the file is damaged or cut short: fetch or convert it again");
}

TEST(Reader, IdsPointAtTensors) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const auto x = b.input("x", DType::float32, {1});
  b.node(OpCode::ABS, {x}, {x + 1});
  EXPECT_EQ(read(Buffer::of(write(m).value()), "m").error().found, "tensor 1");
}

TEST(Reader, ATensorIsWrittenByOneNode) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const auto x = b.input("x", DType::float32, {1}), y = b.tensor("y", DType::float32, {1});
  b.node(OpCode::ABS, {x}, {y});
  b.node(OpCode::NEG, {x}, {y});
  const auto error = read(Buffer::of(write(m).value()), "m").error();
  EXPECT_EQ(error.where, "m, subgraph 0, node 1 NEG, outputs");
  EXPECT_EQ(error.found, "tensor 1, which is written before");
}

TEST(Reader, AZeroPointHas32Bits) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder(m.graphs[0]).input("x", DType::int8, {1}, per_tensor(1, int64_t{1} << 40));
  EXPECT_EQ(to_string(read(Buffer::of(write(m).value()), "m").error()),
            "m, subgraph 0, tensor 0 \"x\", quantization\n  found     zero point 1099511627776\n"
            "  expected  a 32-bit number\n  to mend   the file is damaged or cut short: fetch or convert it again");
}

TEST(Reader, AnInputIsNoConstant) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  m.graphs[0].inputs = {b.constant<float>("w", {1}, {1})};
  const auto error = read(Buffer::of(write(m).value()), "m").error();
  EXPECT_EQ(error.where, "m, subgraph 0, inputs");
  EXPECT_EQ(error.found, "tensor 0 \"w\", a constant");
}

}  // namespace
}  // namespace monolite::tflite
