#include <flatbuffers/flexbuffers.h>

#include "base/error.h"
#include "ops/detection_postprocess.h"

namespace monolite::ops {
namespace {

struct Reader {
  const flexbuffers::Map& map;
  void operator()(const char* key, int32_t& field) const {
    if (const auto value = map[key]; !value.IsNull()) field = value.AsInt32();
  }
  void operator()(const char* key, bool& field) const {
    if (const auto value = map[key]; !value.IsNull()) field = value.AsBool();
  }
  void operator()(const char* key, float& field) const {
    if (const auto value = map[key]; !value.IsNull()) field = value.AsFloat();
  }
};

struct Writer {
  flexbuffers::Builder& to;
  void operator()(const char* key, int32_t field) const { to.Int(key, field); }
  void operator()(const char* key, bool field) const { to.Bool(key, field); }
  void operator()(const char* key, float field) const { to.Float(key, field); }
};

}  // namespace

Expected<DetectionPostprocess> read_detection_options(const Buffer& custom_options) {
  // A copy: the file need not align a FlexBuffer for the numbers in it.
  const auto bytes = custom_options.bytes();
  const std::vector<uint64_t> aligned = [&] {
    std::vector<uint64_t> words(bytes.size() / 8 + 1);
    if (!bytes.empty()) std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
  }();
  const auto* data = reinterpret_cast<const uint8_t*>(aligned.data());
  std::vector<uint8_t> visited;
  if (bytes.size() < 3 || !flexbuffers::VerifyBuffer(data, bytes.size(), &visited) ||
      !flexbuffers::GetRoot(data, bytes.size()).IsMap()) {
    return Unexpected(input_error("custom options", "bytes that are no FlexBuffer map",
                                  "a FlexBuffer map of the op's options",
                                  "the file was cut, edited or damaged; convert it again"));
  }
  DetectionPostprocess options;
  options.visit(Reader{flexbuffers::GetRoot(data, bytes.size()).AsMap()});
  return options;
}

Buffer write_detection_options(DetectionPostprocess options) {
  flexbuffers::Builder builder;
  builder.Map([&] { options.visit(Writer{builder}); });
  builder.Finish();
  return Buffer::of(builder.GetBuffer());
}

}  // namespace monolite::ops
