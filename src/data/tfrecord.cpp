#include "data/tfrecord.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "tensorflow/crc32c.h"
#include "tensorflow/wire.h"

namespace monolite::data {
namespace {

using tensorflow::append_fixed32;
using tensorflow::crc32c;
using tensorflow::mask_crc;

constexpr size_t kLengthBytes = 8, kCrcBytes = 4;

Error damaged(const std::string& name, size_t at, const std::string& found, const std::string& expected) {
  return input_error(fmt::format("{}, byte {}", printable(name), at), found, expected,
                     "the file is no TFRecord, or was cut or changed: make it again");
}

// gzip and zlib begin so; a plain file would be a record of an absurd length.
bool is_compressed(std::span<const std::byte> bytes) {
  if (bytes.size() < 2) return false;
  const auto a = std::to_integer<int>(bytes[0]), b = std::to_integer<int>(bytes[1]);
  return (a == 0x1f && b == 0x8b) || (a == 0x78 && (b == 0x01 || b == 0x5e || b == 0x9c || b == 0xda));
}

bool length_agrees(std::span<const std::byte> bytes, size_t at) {
  uint32_t stored;
  std::memcpy(&stored, bytes.data() + at + kLengthBytes, sizeof stored);
  return mask_crc(crc32c(bytes.subspan(at, kLengthBytes))) == stored;
}

}  // namespace

Expected<RecordFile> RecordFile::open(const std::string& path) {
  ML_ASSIGN(Buffer bytes, map_file(path));
  return parse(std::move(bytes), path);
}

Expected<RecordFile> RecordFile::parse(Buffer bytes, const std::string& name) {
  RecordFile file;
  file.name_ = name;
  const auto all = bytes.bytes();
  for (size_t at = 0; at < all.size();) {
    if (all.size() - at < kLengthBytes + kCrcBytes)
      return Unexpected(damaged(name, at, "the end of the file inside of a record's length", "12 bytes"));
    if (!length_agrees(all, at)) {
      if (at == 0 && is_compressed(all)) {
        return Unexpected(input_error(printable(name), "a compressed file", "a TFRecord without compression",
                                      "decompress it: gunzip, or zlib-flate -uncompress"));
      }
      return Unexpected(damaged(name, at, "a length with a wrong checksum", "a record's length and its CRC-32C"));
    }
    uint64_t length;
    std::memcpy(&length, all.data() + at, sizeof length);
    const size_t begin = at + kLengthBytes + kCrcBytes, rest = all.size() - begin;
    if (rest < kCrcBytes || length > rest - kCrcBytes) {
      return Unexpected(damaged(name, at, fmt::format("a record of {} bytes with {} left", length, rest),
                                "the record and its checksum"));
    }
    file.records_.push_back({begin, static_cast<size_t>(length)});
    at = begin + static_cast<size_t>(length) + kCrcBytes;
  }
  file.bytes_ = std::move(bytes);
  return file;
}

Expected<std::span<const std::byte>> RecordFile::record(int64_t index) const {
  const Place p = records_[static_cast<size_t>(index)];
  const auto bytes = bytes_.bytes().subspan(p.begin, p.size);
  uint32_t stored;
  std::memcpy(&stored, bytes_.data() + p.begin + p.size, sizeof stored);
  if (mask_crc(crc32c(bytes)) == stored) return bytes;
  return Unexpected(input_error(fmt::format("{}, record {}", printable(name_), index), "a wrong checksum",
                                "the CRC-32C of its bytes", "the file was damaged: make or fetch it again"));
}

void append_record(std::string& file, std::span<const std::byte> record) {
  const uint64_t length = record.size();
  const auto length_bytes = std::as_bytes(std::span(&length, 1));
  file.append(tensorflow::as_string(length_bytes));
  append_fixed32(file, mask_crc(crc32c(length_bytes)));
  file.append(tensorflow::as_string(record));
  append_fixed32(file, mask_crc(crc32c(record)));
}

}  // namespace monolite::data
