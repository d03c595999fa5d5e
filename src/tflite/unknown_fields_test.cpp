#include "tflite/unknown_fields.h"

#include <gtest/gtest.h>

#include "schema_generated.h"
#include "tflite/reader.h"

namespace monolite::tflite {
namespace {

// A model of one tensor; `field` of that tensor holds a number unless it is 0.
Buffer model_with(flatbuffers::voffset_t field) {
  flatbuffers::FlatBufferBuilder b;
  const auto shape = b.CreateVector(std::vector<int32_t>{1});
  const auto name = b.CreateString("x");
  const auto start = b.StartTable();
  b.AddOffset(fb::Tensor::VT_SHAPE, shape);
  b.AddOffset(fb::Tensor::VT_NAME, name);
  if (field != 0) b.AddElement<int32_t>(field, 7, 0);
  const auto tensor = flatbuffers::Offset<fb::Tensor>(b.EndTable(start));
  const auto tensors = b.CreateVector(std::vector{tensor});
  const auto ends = b.CreateVector(std::vector<int32_t>{0});
  const auto graph =
      fb::CreateSubGraph(b, tensors, ends, ends, b.CreateVector(std::vector<flatbuffers::Offset<fb::Operator>>{}));
  const auto graphs = b.CreateVector(std::vector{graph});
  const auto buffers = b.CreateVector(std::vector{fb::CreateBuffer(b)});
  fb::ModelBuilder model(b);
  model.add_version(3);
  model.add_subgraphs(graphs);
  model.add_buffers(buffers);
  fb::FinishModelBuffer(b, model.Finish());
  return Buffer::copy_of(std::as_bytes(std::span(b.GetBufferPointer(), b.GetSize())));
}

TEST(UnknownFields, NamesAFieldOfANewerSchema) {
  const Buffer file = model_with(4 + 2 * 30);
  ASSERT_TRUE(read(file, "x.tflite"));
  EXPECT_EQ(unknown_fields(file), std::vector<std::string>{"Tensor, field 30"});
}

TEST(UnknownFields, KnowsItsOwn) {
  const Buffer file = model_with(0);
  ASSERT_TRUE(read(file, "x.tflite"));
  EXPECT_TRUE(unknown_fields(file).empty());
}

}  // namespace
}  // namespace monolite::tflite
