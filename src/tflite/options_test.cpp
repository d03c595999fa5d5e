#include "tflite/options.h"

#include <gtest/gtest.h>

#include "ops/op.h"

namespace monolite::tflite {
namespace {

// Writes and reads a table again.
Attributes round_trip(const Attributes& a) {
  flatbuffers::FlatBufferBuilder b;
  const auto offset = write_options(a, b);
  if (!offset) {
    ADD_FAILURE() << to_string(offset.error());
    return {};
  }
  b.Finish(flatbuffers::Offset<flatbuffers::Table>(offset->o));
  return read_options(*options_kind(a.table()), *flatbuffers::GetRoot<flatbuffers::Table>(b.GetBufferPointer()));
}

TEST(Options, ComeBackAsWritten) {
  Attributes a("Conv2DOptions");
  a.set("padding", int64_t{1});
  a.set("stride_w", int64_t{2});
  EXPECT_EQ(round_trip(a).values().size(), 2u);
  EXPECT_EQ(std::get<int64_t>(*round_trip(a).find("stride_w")), 2);

  Attributes r("ReshapeOptions");
  r.set("new_shape", std::vector<int64_t>{1, -1});
  EXPECT_EQ(round_trip(r), r);

  Attributes s("StablehloCustomCallOptions");
  s.set("call_target_name", std::string("x"));
  EXPECT_EQ(round_trip(s), s);

  Attributes l("LeakyReluOptions");
  l.set("alpha", 0.25);
  EXPECT_EQ(round_trip(l), l);
}

TEST(Options, SayWhichFieldIsUnknown) {
  flatbuffers::FlatBufferBuilder b;
  Attributes a("Conv2DOptions");
  a.set("stride_q", int64_t{2});
  EXPECT_EQ(to_string(write_options(a, b).error()),
            "Conv2DOptions.stride_q\n  found     no such field\n  expected  a field of the .tflite schema");
}

TEST(Options, NameEnumValues) {
  EXPECT_EQ(option_value_name("Conv2DOptions", "padding", 1), "VALID");
  EXPECT_EQ(option_value_name("Conv2DOptions", "stride_w", 1), "");
}

// Every op's struct names fields of the schema, and has the schema's defaults: written and read, nothing is left.
TEST(Options, OpsHaveTheSchemasFieldsAndDefaults) {
  for (const ops::OpDef* op : ops::all_ops()) {
    if (op->options.empty()) continue;
    SCOPED_TRACE(std::string(op->options));
    ASSERT_TRUE(options_kind(std::string(op->options)));
    const Attributes read = round_trip(op->defaults());
    for (const auto& [name, value] : read.values()) {
      const bool is_empty_list = std::holds_alternative<std::vector<int64_t>>(value);
      EXPECT_TRUE(is_empty_list) << name << " has another default in the schema";
    }
  }
}

}  // namespace
}  // namespace monolite::tflite
