#include "events.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "image/png.h"
#include "tensorflow/tf_record.h"
#include "tensorflow/wire.h"

namespace monolite::train {
namespace {

using tensorflow::append_varint;

// Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5 };
enum SummaryField { kValue = 1 };
enum ValueField { kTag = 1, kSimpleValue = 2, kImage = 4 };
enum ImageField { kHeight = 1, kWidth = 2, kColorspace = 3, kEncoded = 4 };
enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr uint64_t kRgb = 3;

void key(std::string& to, int field, WireType type) { append_varint(to, static_cast<uint64_t>(field << 3 | type)); }
void number(std::string& to, int field, uint64_t value) {
  key(to, field, kVarint);
  append_varint(to, value);
}
void bytes(std::string& to, int field, const std::string& value) {
  key(to, field, kBytes);
  append_varint(to, value.size());
  to += value;
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string event(int64_t step, const std::string& summary) {
  std::string e;
  key(e, kWallTime, kFixed64);
  const double time = now();
  e.append(reinterpret_cast<const char*>(&time), sizeof time);
  number(e, kStep, static_cast<uint64_t>(step));
  if (!summary.empty()) bytes(e, kSummary, summary);
  return e;
}

}  // namespace

Expected<EventFile> EventFile::create(const std::string& folder) {
  std::string path =
      fmt::format("{}/events.out.tfevents.{}.monolite-{}", folder, static_cast<int64_t>(now()), ::getpid());
  std::FILE* file = std::fopen(path.c_str(), "ab");
  if (file == nullptr) return Unexpected(input_error(path, std::strerror(errno), "a file that can be written"));
  EventFile f(std::move(path), file);
  std::string first = event(0, "");
  bytes(first, kFileVersion, "brain.Event:2");
  ML_TRY(f.append(first));
  return f;
}

Expected<void> EventFile::add(int64_t step, const Scalars& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    std::string v;
    bytes(v, kTag, tag);
    key(v, kSimpleValue, kFixed32);
    v.append(reinterpret_cast<const char*>(&value), sizeof value);
    bytes(summary, kValue, v);
  }
  return append(event(step, summary));
}

Expected<void> EventFile::add(int64_t step, const std::string& tag, const image::Image& picture) {
  ML_ASSIGN(const auto png, image::encode_png(picture));
  std::string i, v, summary;
  number(i, kHeight, static_cast<uint64_t>(picture.height));
  number(i, kWidth, static_cast<uint64_t>(picture.width));
  number(i, kColorspace, kRgb);
  bytes(i, kEncoded, {reinterpret_cast<const char*>(png.data()), png.size()});
  bytes(v, kTag, tag);
  bytes(v, kImage, i);
  bytes(summary, kValue, v);
  return append(event(step, summary));
}

Expected<void> EventFile::append(const std::string& e) {
  std::string record;
  tensorflow::append_record(record, e);
  if (std::fwrite(record.data(), 1, record.size(), file_.get()) == record.size() && std::fflush(file_.get()) == 0)
    return {};
  return Unexpected(input_error(path_, std::strerror(errno), "room for the curves", "make room on the disk"));
}

}  // namespace monolite::train
