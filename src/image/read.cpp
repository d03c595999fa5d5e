#include "image/read.h"

#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "image/bmp.h"
#include "image/jpeg.h"
#include "image/png.h"

namespace monolite::image {
namespace {

struct Signature {
  size_t position;
  std::string_view bytes;
  const char* kind;
};

// Files that people give by mistake, by their first bytes.
constexpr Signature kOthers[] = {
    {0, "GIF8", "a GIF"},
    {8, "WEBP", "a WebP picture"},
    {4, "ftypheic", "a HEIC picture"},
    {4, "ftypavif", "an AVIF picture"},
    {0, std::string_view("II*\0", 4), "a TIFF"},
    {0, std::string_view("MM\0*", 4), "a TIFF"},
    {4, "TFL3", "a .tflite model"},
    {0, "\x93NUMPY", "a NumPy array"},
    {0, "PK\x03\x04", "a ZIP archive"},
    {0, "%PDF", "a PDF"},
};

bool has(const Buffer& file, const Signature& s) {
  return file.size_bytes() >= s.position + s.bytes.size() &&
         std::memcmp(file.data() + s.position, s.bytes.data(), s.bytes.size()) == 0;
}

Error no_picture(const Buffer& file, const std::string& name) {
  std::string found = file.empty() ? "an empty file" : "a file of another kind";
  for (const Signature& s : kOthers) {
    if (has(file, s)) found = s.kind;
  }
  return input_error(name, found, "a picture: PNG, JPEG or BMP", "save it as PNG");
}

}  // namespace

bool is_picture(const Buffer& file) { return is_png(file.bytes()) || is_jpeg(file.bytes()) || is_bmp(file.bytes()); }

Expected<Image> decode_image(const Buffer& file, const std::string& name) {
  if (is_png(file.bytes())) return decode_png(file.bytes(), name);
  if (is_jpeg(file.bytes())) return decode_jpeg(file.bytes(), name);
  if (is_bmp(file.bytes())) return decode_bmp(file.bytes(), name);
  return Unexpected(no_picture(file, name));
}

Expected<Image> read_image(const std::string& path) {
  ML_ASSIGN(const Buffer file, map_file(path));
  return decode_image(file, path);
}

Expected<Mask> decode_mask(const Buffer& file, const std::string& name) {
  if (is_png(file.bytes())) return decode_png_mask(file.bytes(), name);
  if (is_bmp(file.bytes())) return decode_bmp_mask(file.bytes(), name);
  if (is_jpeg(file.bytes())) {
    return Unexpected(input_error(name, "a JPEG", "a mask: PNG or BMP with a palette, or a grey PNG",
                                  "masks cannot be kept in JPEG, which changes values; write them as PNG"));
  }
  return Unexpected(no_picture(file, name));
}

Expected<Mask> read_mask(const std::string& path) {
  ML_ASSIGN(const Buffer file, map_file(path));
  return decode_mask(file, path);
}

Expected<void> write_png(const Image& image, const std::string& path) {
  ML_ASSIGN(const auto bytes, encode_png(image));
  return write_file(path, bytes);
}

}  // namespace monolite::image
