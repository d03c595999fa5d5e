#include "tflite/associated_files.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace monolite::tflite {
namespace {

constexpr uint32_t kEndRecord = 0x06054b50, kDirectoryEntry = 0x02014b50, kLocalHeader = 0x04034b50;
constexpr size_t kEndRecordBytes = 22, kDirectoryEntryBytes = 46, kLongestComment = 65535, kLocalHeaderBytes = 30;
constexpr uint16_t kStored = 0, kDeflated = 8;
constexpr size_t kMostFileBytes = 16 << 20;

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

std::string entry_name(const Buffer& archive, size_t entry, size_t end) {
  const size_t length = read_at<uint16_t>(archive, entry + 28);
  const size_t start = entry + kDirectoryEntryBytes;
  if (start + length > end) return {};
  return {reinterpret_cast<const char*>(archive.data()) + start, length};
}

Error broken_file(const std::string& name, const std::string& found) {
  return input_error("associated file \"" + printable(name) + "\"", found,
                     "a file that is stored or deflated, up to 16 MiB",
                     "give the labels in a file of their own, with --labels");
}

Expected<std::string> inflate_text(std::span<const std::byte> packed, size_t size, const std::string& name) {
  std::string text(size, '\0');
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Unexpected(broken_file(name, "zlib could not start"));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(size);
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (result != Z_STREAM_END || stream.avail_out != 0) return Unexpected(broken_file(name, "broken data"));
  return text;
}

template <class T>
void put(std::vector<std::byte>& to, T value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  to.insert(to.end(), bytes, bytes + sizeof(value));
}

void put(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// What local header and directory entry of a stored file have in common, from "version needed" to the lengths.
void put_stored(std::vector<std::byte>& to, const std::string& name, const std::string& text) {
  constexpr uint16_t kVersion = 10, kNoFlags = 0, kMidnight = 0, kFirstOf1980 = 0x21, kNoExtra = 0;
  for (const uint16_t v : {kVersion, kNoFlags, kStored, kMidnight, kFirstOf1980}) put(to, v);
  const auto size = static_cast<uint32_t>(text.size());
  put(to, static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(size))));
  put(to, size);
  put(to, size);
  put(to, static_cast<uint16_t>(name.size()));
  put(to, kNoExtra);
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

Buffer with_file(const Buffer& archive, const std::string& name, const std::string& text) {
  std::vector<std::byte> bytes, directory;
  uint16_t count = 0;
  // What is there stays where it is, also what a replaced entry leaves behind.
  if (const auto d = read_directory(archive)) {
    put(bytes, archive.bytes().first(d->start));
    for (size_t i = 0; i < d->entries.size(); ++i) {
      const size_t begin = d->entries[i], end = i + 1 < d->entries.size() ? d->entries[i + 1] : d->end_record;
      if (entry_name(archive, begin, d->end_record) == name) continue;
      const size_t at = directory.size();
      put(directory, archive.bytes().subspan(begin, end - begin));
      const uint32_t header = read_at<uint32_t>(archive, begin + 42) - d->first_header;
      std::memcpy(directory.data() + at + 42, &header, sizeof(header));
      ++count;
    }
  }
  const auto header = static_cast<uint32_t>(bytes.size());
  const auto name_bytes = std::as_bytes(std::span(name));
  put(bytes, kLocalHeader);
  put_stored(bytes, name, text);
  put(bytes, name_bytes);
  put(bytes, std::as_bytes(std::span(text)));
  put(directory, kDirectoryEntry);
  put(directory, uint16_t{20});  // made by
  put_stored(directory, name, text);
  for (int i = 0; i < 5; ++i) put(directory, uint16_t{0});  // comment, disk, attributes
  put(directory, header);
  put(directory, name_bytes);
  ++count;
  const auto start = static_cast<uint32_t>(bytes.size());
  put(bytes, std::span<const std::byte>(directory));
  put(bytes, kEndRecord);
  for (const uint16_t v : {uint16_t{0}, uint16_t{0}, count, count}) put(bytes, v);
  put(bytes, static_cast<uint32_t>(directory.size()));
  put(bytes, start);
  put(bytes, uint16_t{0});
  return Buffer::of(std::move(bytes));
}

std::vector<std::string> file_names(const Buffer& archive) {
  std::vector<std::string> names;
  const auto d = read_directory(archive);
  if (!d) return names;
  for (const size_t entry : d->entries) names.push_back(entry_name(archive, entry, d->end_record));
  return names;
}

Expected<std::string> read_file_text(const Buffer& archive, const std::string& name) {
  const auto d = read_directory(archive);
  for (const size_t entry : d ? d->entries : std::vector<size_t>()) {
    if (entry_name(archive, entry, d->end_record) != name) continue;
    const auto method = read_at<uint16_t>(archive, entry + 10);
    const size_t packed = read_at<uint32_t>(archive, entry + 20), size = read_at<uint32_t>(archive, entry + 24);
    // Offsets are stated from where the archive once began, which is now byte 0.
    const size_t header = size_t{read_at<uint32_t>(archive, entry + 42)} - d->first_header;
    if (size > kMostFileBytes || packed > kMostFileBytes)
      return Unexpected(broken_file(name, std::to_string(size) + " bytes"));
    if (header + kLocalHeaderBytes > d->start || read_at<uint32_t>(archive, header) != kLocalHeader) {
      return Unexpected(broken_file(name, "no header where the archive's directory says"));
    }
    const size_t start =
        header + kLocalHeaderBytes + read_at<uint16_t>(archive, header + 26) + read_at<uint16_t>(archive, header + 28);
    if (start > d->start || packed > d->start - start) return Unexpected(broken_file(name, "data that ends too early"));
    const auto bytes = archive.bytes().subspan(start, packed);
    if (method == kStored) return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (method == kDeflated) return inflate_text(bytes, size, name);
    return Unexpected(broken_file(name, "compression " + std::to_string(method)));
  }
  return Unexpected(broken_file(name, "no such file behind the model"));
}

}  // namespace monolite::tflite
