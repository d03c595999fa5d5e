#include "image/bmp.h"

#include <array>
#include <bit>
#include <cstring>

namespace monolite::image {
namespace {

constexpr size_t kFileHeaderBytes = 14, kCoreHeaderBytes = 12, kInfoHeaderBytes = 40;
constexpr uint32_t kPlain = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;

template <class T>
T read(std::span<const std::byte> bytes, size_t position) {
  T value;
  std::memcpy(&value, bytes.data() + position, sizeof(T));
  return value;
}

struct Layout {
  int32_t width = 0, height = 0;
  bool is_top_down = false;
  int bits = 0;
  size_t pixels = 0, row_bytes = 0;           // where the rows stand, and how long each is in the file
  std::array<size_t, 3> channel = {2, 1, 0};  // the byte of a pixel that holds red, green, blue
  std::array<Color, 256> palette = {};
};

Error broken(const std::string& name, const std::string& found) {
  return input_error(name, found, "a whole BMP file", "open it in an image program and save it again as PNG");
}

Error unsupported(const std::string& name, const std::string& found) {
  return input_error(name, found, "a BMP of 1, 4, 8, 24 or 32 bits without compression", "save it as PNG");
}

// With bit fields the file says which bits hold which colour; whole bytes are what programs write.
Expected<void> read_channels(std::span<const std::byte> bytes, const std::string& name, Layout& l) {
  const size_t masks = kFileHeaderBytes + kInfoHeaderBytes;
  if (bytes.size() < masks + 12) return Unexpected(broken(name, "the file ends within its colour masks"));
  for (size_t c = 0; c < 3; ++c) {
    const auto mask = read<uint32_t>(bytes, masks + 4 * c);
    const int shift = std::countr_zero(mask);
    if (mask == 0 || shift % 8 != 0 || mask >> shift != 0xFF) {
      return Unexpected(unsupported(name, "colours that are not whole bytes"));
    }
    l.channel[c] = static_cast<size_t>(shift / 8);
  }
  return {};
}

// `stated` is the header's count of colours; 0 means as many as the bits allow.
Expected<void> read_palette(std::span<const std::byte> bytes, const std::string& name, size_t start, size_t entry_bytes,
                            uint32_t stated, Layout& l) {
  const size_t most = size_t{1} << l.bits;
  const size_t count = stated == 0 || stated > most ? most : stated;
  if (start > bytes.size() || count * entry_bytes > bytes.size() - start) {
    return Unexpected(broken(name, "the file ends within its palette"));
  }
  for (size_t i = 0; i < count; ++i) {
    const auto part = [&](size_t k) { return static_cast<uint8_t>(bytes[start + i * entry_bytes + k]); };
    l.palette[i] = {part(2), part(1), part(0)};
  }
  return {};
}

Expected<Layout> read_layout(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < kFileHeaderBytes + kCoreHeaderBytes)
    return Unexpected(broken(name, "the file ends within its header"));
  const auto header_bytes = read<uint32_t>(bytes, 14);
  const bool is_core = header_bytes == kCoreHeaderBytes;
  if (!is_core && (header_bytes < kInfoHeaderBytes || header_bytes > 1024)) {
    return Unexpected(broken(name, "a header of " + std::to_string(header_bytes) + " bytes"));
  }
  if (bytes.size() < kFileHeaderBytes + header_bytes)
    return Unexpected(broken(name, "the file ends within its header"));
  Layout l;
  const int64_t width = is_core ? read<uint16_t>(bytes, 18) : read<int32_t>(bytes, 18);
  const int64_t height = is_core ? read<uint16_t>(bytes, 20) : read<int32_t>(bytes, 22);
  l.bits = read<uint16_t>(bytes, is_core ? 24 : 28);
  const uint32_t compression = is_core ? kPlain : read<uint32_t>(bytes, 30);
  l.is_top_down = height < 0;
  const int64_t rows = height < 0 ? -height : height;
  if (width <= 0 || rows == 0 || width * rows > kMostPixels) {
    return Unexpected(input_error(name, size_text(width, height) + " pixels",
                                  "1 to " + std::to_string(kMostPixels) + " pixels",
                                  "save the picture again, smaller"));
  }
  l.width = static_cast<int32_t>(width);
  l.height = static_cast<int32_t>(rows);
  if (compression == kRle8 || compression == kRle4)
    return Unexpected(unsupported(name, "run-length compression (RLE)"));
  const bool has_fields = compression == kBitFields || compression == kAlphaBitFields;
  if (compression != kPlain && !has_fields) {
    return Unexpected(unsupported(name, "compression " + std::to_string(compression)));
  }
  if (l.bits != 1 && l.bits != 4 && l.bits != 8 && l.bits != 24 && l.bits != 32) {
    return Unexpected(unsupported(name, std::to_string(l.bits) + " bits a pixel"));
  }
  if (has_fields && l.bits == 32) ML_TRY(read_channels(bytes, name, l));
  if (l.bits <= 8) {
    ML_TRY(read_palette(bytes, name, kFileHeaderBytes + header_bytes, is_core ? 3 : 4,
                        is_core ? 0 : read<uint32_t>(bytes, 46), l));
  }
  l.pixels = read<uint32_t>(bytes, 10);
  l.row_bytes = (static_cast<size_t>(width) * static_cast<size_t>(l.bits) + 31) / 32 * 4;
  if (l.pixels > bytes.size() || l.row_bytes * static_cast<size_t>(rows) > bytes.size() - l.pixels) {
    return Unexpected(broken(name, "the file ends before its last row"));
  }
  return l;
}

const uint8_t* row_of(std::span<const std::byte> bytes, const Layout& l, int32_t y) {
  const auto stored = static_cast<size_t>(l.is_top_down ? y : l.height - 1 - y);
  return reinterpret_cast<const uint8_t*>(bytes.data()) + l.pixels + stored * l.row_bytes;
}

// The palette index of pixel x; the leftmost pixel is in a byte's upper bits.
int index_at(const uint8_t* row, int bits, int32_t x) {
  const int per_byte = 8 / bits;
  const int shift = 8 - bits * (1 + x % per_byte);
  return row[x / per_byte] >> shift & ((1 << bits) - 1);
}

}  // namespace

bool is_bmp(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{'B'} && bytes[1] == std::byte{'M'};
}

Expected<Image> decode_bmp(std::span<const std::byte> bytes, const std::string& name) {
  ML_ASSIGN(const Layout l, read_layout(bytes, name));
  Image image(l.width, l.height);
  for (int32_t y = 0; y < l.height; ++y) {
    const uint8_t* row = row_of(bytes, l, y);
    for (int32_t x = 0; x < l.width; ++x) {
      uint8_t* to = image.at(x, y);
      if (l.bits <= 8) {
        const Color c = l.palette[static_cast<size_t>(index_at(row, l.bits, x))];
        to[0] = c.r, to[1] = c.g, to[2] = c.b;
      } else {
        const uint8_t* pixel = row + int64_t{x} * (l.bits / 8);
        for (size_t c = 0; c < 3; ++c) to[c] = pixel[l.channel[c]];
      }
    }
  }
  return image;
}

Expected<Mask> decode_bmp_mask(std::span<const std::byte> bytes, const std::string& name) {
  ML_ASSIGN(const Layout l, read_layout(bytes, name));
  if (l.bits > 8) {
    return Unexpected(input_error(name, std::to_string(l.bits) + " bits a pixel",
                                  "a BMP with a palette: one label a pixel",
                                  "write the mask with `monolite run --mask`, or save it with a palette"));
  }
  Mask mask(l.width, l.height);
  for (int32_t y = 0; y < l.height; ++y) {
    const uint8_t* row = row_of(bytes, l, y);
    for (int32_t x = 0; x < l.width; ++x) mask.row(y)[x] = static_cast<uint16_t>(index_at(row, l.bits, x));
  }
  return mask;
}

}  // namespace monolite::image
