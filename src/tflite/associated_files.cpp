#include "tflite/associated_files.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace monolite::tflite {
namespace {

constexpr uint32_t kEndRecord = 0x06054b50, kDirectoryEntry = 0x02014b50, kLocalHeader = 0x04034b50;
constexpr size_t kEndRecordBytes = 22, kDirectoryEntryBytes = 46, kLongestComment = 65535;

struct Directory {
  size_t end_record = 0;      // where the end record stands
  size_t start = 0;           // where the directory stands
  uint32_t stated_start = 0;  // where it says it stands; the difference is what was put in front later
  std::vector<size_t> entries;
  uint32_t first_header = 0;  // the least offset of a local header, as stated
};

std::optional<size_t> find_end_record(const Buffer& file) {
  if (file.size_bytes() < kEndRecordBytes) return std::nullopt;
  const size_t last = file.size_bytes() - kEndRecordBytes;
  const size_t first = last > kLongestComment ? last - kLongestComment : 0;
  for (size_t i = last + 1; i-- > first;) {
    const auto at = [&](size_t k) { return file.data() + i + k; };
    uint32_t magic;
    std::memcpy(&magic, at(0), 4);
    if (magic != kEndRecord) continue;
    uint16_t comment;
    std::memcpy(&comment, at(20), 2);
    if (i + kEndRecordBytes + comment == file.size_bytes()) return i;
  }
  return std::nullopt;
}

template <class T>
T read_at(const Buffer& file, size_t position) {
  T value;
  std::memcpy(&value, file.data() + position, sizeof(T));
  return value;
}

std::optional<Directory> read_directory(const Buffer& file) {
  const auto end = find_end_record(file);
  if (!end) return std::nullopt;
  Directory d;
  d.end_record = *end;
  const auto count = read_at<uint16_t>(file, *end + 10);
  const auto size = read_at<uint32_t>(file, *end + 12);
  d.stated_start = read_at<uint32_t>(file, *end + 16);
  if (size > *end || count == 0) return std::nullopt;
  d.start = *end - size;
  d.first_header = d.stated_start;
  size_t position = d.start;
  for (int i = 0; i < count; ++i) {
    if (position + kDirectoryEntryBytes > *end || read_at<uint32_t>(file, position) != kDirectoryEntry) {
      return std::nullopt;
    }
    d.entries.push_back(position);
    d.first_header = std::min(d.first_header, read_at<uint32_t>(file, position + 42));
    position += kDirectoryEntryBytes + read_at<uint16_t>(file, position + 28) + read_at<uint16_t>(file, position + 30) +
                read_at<uint16_t>(file, position + 32);
  }
  return d;
}

}  // namespace

Buffer find_archive(const Buffer& file) {
  const auto d = read_directory(file);
  if (!d || d->stated_start > d->start) return {};
  const size_t first = d->first_header + (d->start - d->stated_start);
  if (first + 4 > d->start || read_at<uint32_t>(file, first) != kLocalHeader) return {};
  return Buffer(std::make_shared<Buffer>(file), file.bytes().subspan(first));
}

std::vector<std::byte> archive_at(const Buffer& archive, size_t position) {
  std::vector<std::byte> bytes(archive.bytes().begin(), archive.bytes().end());
  const auto d = read_directory(archive);
  if (!d) return bytes;
  // Offsets are stated from where the archive once began (first_header); they must count from the new file's start.
  const auto shift = static_cast<uint32_t>(position) - d->first_header;
  const auto move = [&](size_t where) {
    uint32_t value;
    std::memcpy(&value, bytes.data() + where, 4);
    value += shift;
    std::memcpy(bytes.data() + where, &value, 4);
  };
  for (const size_t entry : d->entries) move(entry + 42);
  move(d->end_record + 16);
  return bytes;
}

}  // namespace monolite::tflite
