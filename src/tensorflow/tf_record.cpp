#include "tensorflow/tf_record.h"

#include "base/file.h"
#include "tensorflow/crc32c.h"
#include "tensorflow/wire.h"

namespace monolite::tensorflow {
namespace {

constexpr size_t kLengthBytes = 8, kCrcBytes = 4;

uint32_t masked_crc(std::span<const std::byte> bytes) { return mask_crc(crc32c(bytes)); }

uint64_t fixed64(std::span<const std::byte> bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// What a file that is no TFRecord may be instead.
std::string kind_of(std::span<const std::byte> bytes) {
  const auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<int>(bytes[i]) : -1; };
  if (byte(0) == 0x1f && byte(1) == 0x8b) return "a gzip-compressed file";
  if (byte(0) == 0x78 && (byte(1) == 0x01 || byte(1) == 0x9c || byte(1) == 0xda)) return "a zlib-compressed file";
  return {};
}

Error damaged(const std::string& name, size_t record, const std::string& found) {
  return input_error(name + ", record " + std::to_string(record), found, "a TFRecord file",
                     "the file is damaged; make it again, or copy it again from where it was made");
}

}  // namespace

Expected<TfRecordFile> TfRecordFile::open(const std::string& path) {
  ML_ASSIGN(Buffer bytes, map_file(path));
  return parse(std::move(bytes), path);
}

Expected<TfRecordFile> TfRecordFile::parse(Buffer buffer, std::string name) {
  TfRecordFile file;
  file.bytes_ = std::move(buffer);
  file.name_ = std::move(name);
  const auto bytes = file.bytes_.bytes();
  WireReader from(bytes);
  while (!from.empty()) {
    const size_t number = file.records_.size();
    const auto head = from.take(kLengthBytes);
    const auto crc = from.fixed32();
    if (!head || !crc) return Unexpected(damaged(file.name_, number, "an end in the middle of a record"));
    if (*crc != masked_crc(*head)) {
      const std::string kind = number == 0 ? kind_of(bytes) : std::string();
      if (kind.empty()) return Unexpected(damaged(file.name_, number, "a length whose checksum is wrong"));
      return Unexpected(input_error(file.name_, kind, "a plain TFRecord file", "decompress it, or write it without"));
    }
    const uint64_t size = fixed64(*head);
    const size_t offset = bytes.size() - from.rest().size();
    if (!from.take(size) || !from.take(kCrcBytes))
      return Unexpected(damaged(file.name_, number, "a record that reaches past the end"));
    file.records_.push_back({offset, static_cast<size_t>(size)});
  }
  return file;
}

Expected<std::span<const std::byte>> TfRecordFile::record(size_t i) const {
  const Place& p = records_.at(i);
  const auto bytes = bytes_.bytes().subspan(p.offset, p.size);
  uint32_t crc = 0;
  std::memcpy(&crc, bytes.data() + p.size, sizeof crc);
  if (crc != masked_crc(bytes)) return Unexpected(damaged(name_, i, "bytes whose checksum is wrong"));
  return bytes;
}

void append_record(std::string& to, std::string_view record) {
  const uint64_t size = record.size();
  std::string head(reinterpret_cast<const char*>(&size), sizeof size);
  const uint32_t crc = masked_crc(std::as_bytes(std::span(head)));
  to += head;
  append_fixed32(to, crc);
  to += record;
  append_fixed32(to, masked_crc(std::as_bytes(std::span(record))));
}

}  // namespace monolite::tensorflow
