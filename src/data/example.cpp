#include "data/example.h"

#include <fmt/format.h>

#include <optional>

#include "tensorflow/wire.h"

namespace monolite::data {
namespace {

using tensorflow::append_varint;
using tensorflow::WireReader;

// Wire types and field numbers of protocol buffers and of feature.proto.
constexpr uint64_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;
constexpr uint64_t kFeatures = 1, kEntry = 1, kKey = 1, kValue = 2, kBytesList = 1, kIntegerList = 3, kItem = 1;

struct Field {
  uint64_t number = 0, type = 0, value = 0;
  std::span<const std::byte> bytes;
};

std::optional<Field> next_field(WireReader& in) {
  const auto tag = in.varint();
  if (!tag) return std::nullopt;
  Field f{*tag >> 3, *tag & 7, 0, {}};
  std::optional<uint64_t> length;
  switch (f.type) {
    case kVarint:
      length = in.varint();
      if (!length) return std::nullopt;
      f.value = *length;
      return f;
    case kFixed64:
      length = 8;
      break;
    case kFixed32:
      length = 4;
      break;
    case kBytes:
      length = in.varint();
      break;
    default:
      return std::nullopt;
  }
  if (!length) return std::nullopt;
  const auto bytes = in.take(*length);
  if (!bytes) return std::nullopt;
  f.bytes = *bytes;
  return f;
}

// Calls `take` with each field; false where the bytes are no message, or `take` says so.
template <class Take>
bool each_field(std::span<const std::byte> message, const Take& take) {
  WireReader in(message);
  while (!in.empty()) {
    const auto field = next_field(in);
    if (!field || !take(*field)) return false;
  }
  return true;
}

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool read_integers(const Field& list, std::vector<int64_t>& to) {
  return each_field(list.bytes, [&](const Field& item) {
    if (item.number != kItem) return true;
    if (item.type == kVarint) to.push_back(static_cast<int64_t>(item.value));
    WireReader packed(item.bytes);
    while (!packed.empty()) {
      const auto value = packed.varint();
      if (!value) return false;
      to.push_back(static_cast<int64_t>(*value));
    }
    return true;
  });
}

bool read_feature(std::span<const std::byte> bytes, Feature& to) {
  return each_field(bytes, [&](const Field& list) {
    if (list.type != kBytes) return true;
    if (list.number == kIntegerList) return read_integers(list, to.integers);
    if (list.number != kBytesList) return true;
    return each_field(list.bytes, [&](const Field& item) {
      if (item.number == kItem && item.type == kBytes) to.bytes.push_back(text(item.bytes));
      return true;
    });
  });
}

bool read_entry(std::span<const std::byte> bytes, Example& to) {
  std::string key;
  Feature feature;
  const bool is_fine = each_field(bytes, [&](const Field& f) {
    if (f.type == kBytes && f.number == kKey) key = text(f.bytes);
    return f.type != kBytes || f.number != kValue || read_feature(f.bytes, feature);
  });
  if (is_fine) to[std::move(key)] = std::move(feature);
  return is_fine;
}

void append_field(std::string& to, uint64_t number, std::string_view bytes) {
  append_varint(to, number << 3 | kBytes);
  append_varint(to, bytes.size());
  to.append(bytes);
}

}  // namespace

Expected<Example> parse_example(std::span<const std::byte> record) {
  Example example;
  const bool is_fine = each_field(record, [&](const Field& features) {
    if (features.number != kFeatures || features.type != kBytes) return true;
    return each_field(features.bytes, [&](const Field& entry) {
      return entry.number != kEntry || entry.type != kBytes || read_entry(entry.bytes, example);
    });
  });
  if (is_fine) return example;
  return Unexpected(input_error("the record", fmt::format("{} bytes that are no tf.train.Example", record.size()),
                                "one with DeepLab's features (build_voc2012_data.py writes them)"));
}

std::string serialize_example(const Example& example) {
  std::string features;
  for (const auto& [name, feature] : example) {
    std::string list;
    for (const std::string_view bytes : feature.bytes) append_field(list, kItem, bytes);
    std::string packed;
    for (const int64_t value : feature.integers) append_varint(packed, static_cast<uint64_t>(value));
    if (!packed.empty()) append_field(list, kItem, packed);
    std::string value, entry;
    append_field(value, feature.integers.empty() ? kBytesList : kIntegerList, list);
    append_field(entry, kKey, name);
    append_field(entry, kValue, value);
    append_field(features, kEntry, entry);
  }
  std::string message;
  append_field(message, kFeatures, features);
  return message;
}

}  // namespace monolite::data
