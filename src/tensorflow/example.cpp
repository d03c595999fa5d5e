#include "tensorflow/example.h"

#include <functional>

#include "tensorflow/wire.h"

namespace monolite::tensorflow {
namespace {

using Bytes = std::span<const std::byte>;

// Field numbers of tensorflow/core/example/{example,feature}.proto.
enum Field : uint64_t {
  kExampleFeatures = 1,
  kFeaturesFeature = 1,
  kEntryKey = 1,
  kEntryValue = 2,
  kFeatureBytes = 1,
  kFeatureFloats = 2,
  kFeatureInts = 3,
  kListValue = 1,
};
enum WireType : uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

// One field of a message: a number, or bytes (of fixed ones, too).
struct FieldValue {
  uint64_t number = 0;
  WireType type = kVarint;
  uint64_t value = 0;
  Bytes bytes;
};

std::optional<FieldValue> next_field(WireReader& from) {
  const auto key = from.varint();
  if (!key) return {};
  FieldValue f{*key >> 3, static_cast<WireType>(*key & 7), 0, {}};
  std::optional<Bytes> bytes;
  if (f.type == kVarint) {
    const auto value = from.varint();
    if (!value) return {};
    f.value = *value;
    return f;
  }
  if (f.type == kFixed64) bytes = from.take(sizeof(uint64_t));
  if (f.type == kFixed32) bytes = from.take(sizeof(uint32_t));
  if (f.type == kLengthDelimited) {
    const auto size = from.varint();
    if (size) bytes = from.take(*size);
  }
  if (!bytes) return {};
  f.bytes = *bytes;
  return f;
}

// Calls `take` with each field, in order; false where the bytes are no message, or `take` says so.
bool for_each_field(Bytes message, const std::function<bool(const FieldValue&)>& take) {
  WireReader from(message);
  while (!from.empty()) {
    const auto field = next_field(from);
    if (!field || !take(*field)) return false;
  }
  return true;
}

bool add_floats(Bytes bytes, FloatList& to) {
  if (bytes.size() % sizeof(float) != 0) return false;
  const size_t before = to.size();
  to.resize(before + bytes.size() / sizeof(float));
  if (!bytes.empty()) std::memcpy(to.data() + before, bytes.data(), bytes.size());
  return true;
}

bool add_ints(Bytes bytes, Int64List& to) {
  WireReader from(bytes);
  while (!from.empty()) {
    const auto value = from.varint();
    if (!value) return false;
    to.push_back(static_cast<int64_t>(*value));
  }
  return true;
}

// A list's values stand packed in one field, or each in one of its own.
bool parse_list(Bytes message, uint64_t kind, Feature& to) {
  return for_each_field(message, [&](const FieldValue& f) {
    if (f.number != kListValue) return true;
    if (kind == kFeatureBytes) {
      if (f.type != kLengthDelimited) return false;
      std::get<BytesList>(to).push_back(as_string(f.bytes));
      return true;
    }
    if (kind == kFeatureFloats) {
      if (f.type != kLengthDelimited && f.type != kFixed32) return false;
      return add_floats(f.bytes, std::get<FloatList>(to));
    }
    if (f.type == kVarint) {
      std::get<Int64List>(to).push_back(static_cast<int64_t>(f.value));
      return true;
    }
    return f.type == kLengthDelimited && add_ints(f.bytes, std::get<Int64List>(to));
  });
}

bool parse_feature(Bytes message, Feature& to) {
  return for_each_field(message, [&](const FieldValue& f) {
    if (f.number < kFeatureBytes || f.number > kFeatureInts) return true;
    if (f.type != kLengthDelimited) return false;
    // Of the lists the last kind counts; lists of one kind are joined.
    const size_t index = static_cast<size_t>(f.number - kFeatureBytes);
    if (to.index() != index) {
      if (f.number == kFeatureBytes) to = BytesList();
      if (f.number == kFeatureFloats) to = FloatList();
      if (f.number == kFeatureInts) to = Int64List();
    }
    return parse_list(f.bytes, f.number, to);
  });
}

bool parse_entry(Bytes message, Example& to) {
  std::string key;
  Feature value;
  const bool is_fine = for_each_field(message, [&](const FieldValue& f) {
    if (f.number != kEntryKey && f.number != kEntryValue) return true;
    if (f.type != kLengthDelimited) return false;
    if (f.number == kEntryValue) return parse_feature(f.bytes, value);
    key = as_string(f.bytes);
    return true;
  });
  if (is_fine) to[std::move(key)] = std::move(value);
  return is_fine;
}

bool parse_features(Bytes message, Example& to) {
  return for_each_field(message, [&](const FieldValue& f) {
    if (f.number != kFeaturesFeature) return true;
    return f.type == kLengthDelimited && parse_entry(f.bytes, to);
  });
}

void append_bytes(std::string& to, uint64_t field, std::string_view bytes) {
  append_varint(to, field << 3 | kLengthDelimited);
  append_varint(to, bytes.size());
  to += bytes;
}

std::string list_of(const BytesList& values) {
  std::string list;
  for (const std::string& v : values) append_bytes(list, kListValue, v);
  return list;
}

std::string list_of(const FloatList& values) {
  std::string list;
  const std::string_view raw(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  if (!values.empty()) append_bytes(list, kListValue, raw);
  return list;
}

std::string list_of(const Int64List& values) {
  std::string packed, list;
  for (const int64_t v : values) append_varint(packed, static_cast<uint64_t>(v));
  if (!values.empty()) append_bytes(list, kListValue, packed);
  return list;
}

}  // namespace

Expected<Example> parse_example(Bytes bytes, const std::string& name) {
  Example example;
  const bool is_fine = for_each_field(bytes, [&](const FieldValue& f) {
    if (f.number != kExampleFeatures) return true;
    return f.type == kLengthDelimited && parse_features(f.bytes, example);
  });
  if (is_fine) return example;
  return Unexpected(input_error(name, "bytes that are no tf.Example", "a record of a data set",
                                "make the records again; each holds one serialized tf.Example"));
}

std::string write_example(const Example& example) {
  std::string features;
  for (const auto& [key, value] : example) {
    std::string entry, feature;
    append_bytes(feature, kFeatureBytes + value.index(), std::visit([](const auto& v) { return list_of(v); }, value));
    append_bytes(entry, kEntryKey, key);
    append_bytes(entry, kEntryValue, feature);
    append_bytes(features, kFeaturesFeature, entry);
  }
  std::string bytes;
  append_bytes(bytes, kExampleFeatures, features);
  return bytes;
}

}  // namespace monolite::tensorflow
