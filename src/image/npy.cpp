#include "image/npy.h"

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace monolite::image {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMostDimensions = 64;

Error broken(const std::string& name, const std::string& found) {
  return input_error(name, found, "a .npy file as numpy.save writes it", "save the array again with numpy.save");
}

// Reads the one kind of Python literal that a header is: {'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  struct Header {
    std::string descr;
    bool is_fortran = false;
    std::vector<int64_t> shape;
  };

  std::optional<Header> parse() {
    Header h;
    int seen = 0;
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const auto key = string();
      if (!key || !take(':')) return std::nullopt;
      bool is_read = false;
      if (*key == "descr") {
        const auto value = string();
        is_read = value.has_value();
        if (is_read) h.descr = *value;
      } else if (*key == "fortran_order") {
        h.is_fortran = word("True");
        is_read = h.is_fortran || word("False");
      } else if (*key == "shape") {
        is_read = tuple(h.shape);
      }
      if (!is_read) return std::nullopt;
      ++seen;
      take(',');
    }
    if (seen != 3) return std::nullopt;
    return h;
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n' || text_[0] == '\t')) text_.remove_prefix(1);
  }
  bool take(char c) {
    skip_blanks();
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool word(std::string_view w) {
    skip_blanks();
    if (!text_.starts_with(w)) return false;
    text_.remove_prefix(w.size());
    return true;
  }
  std::optional<std::string> string() {
    const char quote = take('\'') ? '\'' : take('"') ? '"' : '\0';
    const size_t end = quote == '\0' ? std::string_view::npos : text_.find(quote);
    if (end == std::string_view::npos) return std::nullopt;
    std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }
  bool tuple(std::vector<int64_t>& values) {
    if (!take('(')) return false;
    while (!take(')')) {
      skip_blanks();
      int64_t value = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
      if (error != std::errc() || value < 0 || values.size() == kMostDimensions) return false;
      values.push_back(value);
      text_.remove_prefix(static_cast<size_t>(end - text_.data()));
      take('L');  // Python 2 wrote long integers so
      if (!take(',') && !text_.starts_with(')')) return false;
    }
    return true;
  }

  std::string_view text_;
};

Expected<void> set_type(NpyArray& array, const std::string& descr, const std::string& name) {
  const auto is_plain = [&] {
    if (descr.size() != 3 && descr.size() != 4) return false;
    static constexpr std::string_view kTypes[] = {"b1", "i1", "u1", "i2", "u2", "i4", "u4",
                                                  "i8", "u8", "f2", "f4", "f8", "c8", "c16"};
    for (const auto type : kTypes) {
      if (descr.substr(1) == type) return true;
    }
    return false;
  };
  if (!is_plain()) {
    return Unexpected(
        input_error(name, "elements of type '" + printable(descr, 40) + "'", "plain numbers",
                    "save it with numpy.save(file, array.astype(numpy.float32)) or another type of numbers"));
  }
  array.kind = descr[1];
  array.item_bytes = std::stoi(descr.substr(2));
  if (descr[0] == '>' && array.item_bytes > 1) {
    return Unexpected(input_error(name, "big-endian numbers", "little-endian ones",
                                  "save it with numpy.save(file, array.astype(array.dtype.newbyteorder('<')))"));
  }
  return {};
}

std::optional<uint64_t> bytes_of(const NpyArray& array) {
  uint64_t bytes = static_cast<uint64_t>(array.item_bytes);
  bool is_empty = false;
  for (const int64_t extent : array.shape) is_empty = is_empty || extent == 0;
  if (is_empty) return 0;
  for (const int64_t extent : array.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes)) return std::nullopt;
  }
  return bytes;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

bool is_npy(const Buffer& file) {
  return file.size_bytes() >= kMagic.size() && std::memcmp(file.data(), kMagic.data(), kMagic.size()) == 0;
}

Expected<NpyArray> decode_npy(const Buffer& file, const std::string& name) {
  if (!is_npy(file) || file.size_bytes() < 10) return Unexpected(broken(name, "a file of another kind"));
  const int version = static_cast<int>(file.get<uint8_t>(6));
  if (version < 1 || version > 3) return Unexpected(broken(name, "format version " + std::to_string(version)));
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t start = 8 + length_bytes;
  if (file.size_bytes() < start) return Unexpected(broken(name, "the file ends within its header"));
  uint32_t length = 0;
  std::memcpy(&length, file.data() + 8, length_bytes);
  if (length > file.size_bytes() - start) return Unexpected(broken(name, "the file ends within its header"));
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + start, length);
  const auto header = HeaderParser(text).parse();
  if (!header) return Unexpected(broken(name, "the header " + printable(text, 100)));

  NpyArray array;
  array.shape = header->shape;
  ML_TRY(set_type(array, header->descr, name));
  if (header->is_fortran && array.shape.size() > 1) {
    return Unexpected(input_error(name, "an array in Fortran order (columns first)", "C order (rows first)",
                                  "save it with numpy.save(file, numpy.ascontiguousarray(array))"));
  }
  const auto bytes = bytes_of(array);
  const size_t have = file.size_bytes() - start - length;
  if (!bytes || *bytes != have) {
    return Unexpected(broken(name, std::to_string(have) + " bytes of data for the shape " + shape_text(array.shape)));
  }
  array.data = Buffer(std::make_shared<Buffer>(file), file.bytes().subspan(start + length));
  return array;
}

Expected<NpyArray> read_npy(const std::string& path) {
  ML_ASSIGN(const Buffer file, map_file(path));
  return decode_npy(file, path);
}

std::vector<std::byte> encode_npy(const NpyArray& array) {
  const char order = array.item_bytes == 1 ? '|' : '<';
  std::string header = std::string("{'descr': '") + order + array.kind + std::to_string(array.item_bytes) +
                       "', 'fortran_order': False, 'shape': " + shape_text(array.shape) + ", }";
  const bool is_long = header.size() + 80 > 0xFFFF;
  const size_t start = is_long ? 12 : 10;
  // The data begins at a multiple of 64, for whoever maps it; the header ends with a newline.
  header.append(63 - (start + header.size()) % 64, ' ');
  header += '\n';
  std::vector<std::byte> file(start + header.size() + array.data.size_bytes());
  std::memcpy(file.data(), kMagic.data(), kMagic.size());
  file[6] = is_long ? std::byte{2} : std::byte{1};
  const auto length = static_cast<uint32_t>(header.size());
  std::memcpy(file.data() + 8, &length, is_long ? 4 : 2);
  std::memcpy(file.data() + start, header.data(), header.size());
  if (!array.data.empty()) {
    std::memcpy(file.data() + start + header.size(), array.data.data(), array.data.size_bytes());
  }
  return file;
}

Expected<void> write_npy(const NpyArray& array, const std::string& path) { return write_file(path, encode_npy(array)); }

}  // namespace monolite::image
