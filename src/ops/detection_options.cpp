#include <flatbuffers/flexbuffers.h>
#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "base/error.h"
#include "ops/detection_postprocess.h"

namespace monolite::ops {
namespace {

// Reads each field by its key. FlexBuffers' own readers turn any type into any number, a float past its range included
// (which C++ leaves undefined): here only a number that the field can hold is taken. Keeps the first error.
struct Reader {
  const flexbuffers::Map& map;
  Expected<void>& status;

  void operator()(const char* key, int32_t& field) const {
    number(key, "a 32-bit integer", std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max(), field);
  }
  void operator()(const char* key, bool& field) const {
    int32_t value = field ? 1 : 0;
    number(key, "false or true", 0, 1, value);
    field = value != 0;
  }
  void operator()(const char* key, float& field) const {
    constexpr double kMost = std::numeric_limits<float>::max();
    number(key, "a finite 32-bit float", -kMost, kMost, field);
  }

 private:
  template <class T>
  void number(const char* key, const char* expected, double least, double most, T& field) const {
    const flexbuffers::Reference value = map[key];
    if (value.IsNull()) return;
    const bool is_number = value.IsNumeric() || value.IsBool();
    const double number = is_number ? value.AsDouble() : 0;
    if (is_number && number >= least && number <= most) {  // not NaN
      field = static_cast<T>(number);
    } else if (status) {
      const std::string found = is_number ? fmt::format("{}", number) : "no number";
      status = Unexpected(input_error("custom options", fmt::format("option {}: {}", key, found), expected,
                                      "the file was edited or damaged; convert it again"));
    }
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
  Expected<void> status;
  options.visit(Reader{flexbuffers::GetRoot(data, bytes.size()).AsMap(), status});
  ML_TRY(status);
  return options;
}

Buffer write_detection_options(DetectionPostprocess options) {
  flexbuffers::Builder builder;
  builder.Map([&] { options.visit(Writer{builder}); });
  builder.Finish();
  return Buffer::of(builder.GetBuffer());
}

}  // namespace monolite::ops
