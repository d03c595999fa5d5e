#include "image/png.h"

#include <png.h>

#include <algorithm>
#include <cstring>

namespace monolite::image {
namespace {

constexpr size_t kMostChunkBytes = 8 << 20;
constexpr int kCompression = 3;  // zlib's 6 takes three times as long for a few per cent

Error broken(const std::string& name, const std::string& found) {
  return input_error(name, found, "a whole PNG file", "open it in an image program and save it again");
}

// What libpng's callbacks share with us. It reports an error by calling on_error, which jumps back to run().
struct Stream {
  std::span<const std::byte> in;
  std::vector<std::byte>* out = nullptr;
  std::string message;
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  static_cast<Stream*>(png_get_error_ptr(png))->message = text;
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep to, size_t count) {
  auto& s = *static_cast<Stream*>(png_get_io_ptr(png));
  if (count > s.in.size()) png_error(png, "the file ends in the middle");
  std::memcpy(to, s.in.data(), count);
  s.in = s.in.subspan(count);
}

void write_bytes(png_structp png, png_bytep from, size_t count) {
  auto& out = *static_cast<Stream*>(png_get_io_ptr(png))->out;
  const auto* bytes = reinterpret_cast<const std::byte*>(from);
  out.insert(out.end(), bytes, bytes + count);
}

void flush(png_structp) {}

// Runs a step of libpng; false if it reported an error. Nothing with a destructor may live in `step` across libpng
// calls: the jump back passes it by.
template <class Step>
bool run(png_structp png, Step step) {
  if (setjmp(png_jmpbuf(png))) return false;
  step();
  return true;
}

struct Reader {
  Stream stream;
  png_structp png = nullptr;
  png_infop info = nullptr;

  explicit Reader(std::span<const std::byte> bytes) : stream{bytes, nullptr, {}} {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning);
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) return;
    png_set_read_fn(png, &stream, read_bytes);
    png_set_chunk_malloc_max(png, kMostChunkBytes);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  int width() const { return static_cast<int>(png_get_image_width(png, info)); }
  int height() const { return static_cast<int>(png_get_image_height(png, info)); }
};

Expected<void> read_header(Reader& r, const std::string& name, size_t file_bytes) {
  if (r.info == nullptr) return Unexpected(Error{ErrorKind::internal, name, "libpng could not start", {}, {}});
  if (!run(r.png, [&] { png_read_info(r.png, r.info); })) return Unexpected(broken(name, r.stream.message));
  const int64_t pixels = int64_t{r.width()} * r.height();
  if (pixels > kMostPixels) {
    return Unexpected(input_error(name, size_text(r.width(), r.height()) + " pixels",
                                  "at most " + std::to_string(kMostPixels) + " pixels", "scale the picture down"));
  }
  // Deflate packs at most 1032 to 1: a file far smaller than that was cut or lies about its size.
  const int64_t row_bytes = static_cast<int64_t>(png_get_rowbytes(r.png, r.info));
  if (row_bytes * r.height() > 1100 * static_cast<int64_t>(file_bytes) + (1 << 16)) {
    return Unexpected(
        broken(name, std::to_string(file_bytes) + " bytes for " + size_text(r.width(), r.height()) + " pixels"));
  }
  return {};
}

// Reads the rows into `pixels`, which has room for them all. Interlaced files take several passes over all rows.
bool read_rows(Reader& r, uint8_t* pixels, size_t row_bytes) {
  const int height = r.height();
  return run(r.png, [&] {
    const int passes = png_set_interlace_handling(r.png);
    png_read_update_info(r.png, r.info);
    if (png_get_rowbytes(r.png, r.info) != row_bytes) png_error(r.png, "rows of another length than the header says");
    for (int pass = 0; pass < passes; ++pass) {
      for (int y = 0; y < height; ++y) png_read_row(r.png, pixels + static_cast<size_t>(y) * row_bytes, nullptr);
    }
    png_read_end(r.png, nullptr);
  });
}

struct Writer {
  Stream stream;
  png_structp png = nullptr;
  png_infop info = nullptr;

  explicit Writer(std::vector<std::byte>& out) : stream{{}, &out, {}} {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning);
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) return;
    png_set_write_fn(png, &stream, write_bytes, flush);
    png_set_compression_level(png, kCompression);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
};

Error cannot_encode(const std::string& what) {
  return {ErrorKind::internal, "PNG", what, "a picture that libpng writes", {}};
}

}  // namespace

bool is_png(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 && png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) == 0;
}

Expected<Image> decode_png(std::span<const std::byte> bytes, const std::string& name) {
  Reader r(bytes);
  ML_TRY(read_header(r, name, bytes.size()));
  const bool ready = run(r.png, [&] {
    png_set_expand(r.png);
    png_set_strip_16(r.png);
    png_set_gray_to_rgb(r.png);
    png_set_strip_alpha(r.png);
  });
  Image image(r.width(), r.height());
  if (!ready || !read_rows(r, image.rgb.data(), static_cast<size_t>(image.width) * 3)) {
    return Unexpected(broken(name, r.stream.message));
  }
  return image;
}

Expected<Mask> decode_png_mask(std::span<const std::byte> bytes, const std::string& name) {
  Reader r(bytes);
  ML_TRY(read_header(r, name, bytes.size()));
  const int kind = png_get_color_type(r.png, r.info);
  if ((kind & PNG_COLOR_MASK_COLOR) != 0 && kind != PNG_COLOR_TYPE_PALETTE) {
    return Unexpected(input_error(name, "a PNG of colours",
                                  "a PNG of palette indices or grey values: one label a pixel",
                                  "write the mask with `monolite run --mask`, or save it with a palette"));
  }
  const size_t label_bytes = png_get_bit_depth(r.png, r.info) == 16 ? 2 : 1;
  const bool ready = run(r.png, [&] {
    png_set_packing(r.png);  // 1, 2 and 4 bits become bytes, their values unchanged
    png_set_strip_alpha(r.png);
  });
  Mask mask(r.width(), r.height());
  const size_t row_bytes = static_cast<size_t>(mask.width) * label_bytes;
  std::vector<uint8_t> pixels(row_bytes * static_cast<size_t>(mask.height));
  if (!ready || !read_rows(r, pixels.data(), row_bytes)) return Unexpected(broken(name, r.stream.message));
  for (size_t i = 0; i < mask.labels.size(); ++i) {
    mask.labels[i] = label_bytes == 1 ? pixels[i] : static_cast<uint16_t>(pixels[2 * i] << 8 | pixels[2 * i + 1]);
  }
  return mask;
}

Expected<std::vector<std::byte>> encode_png(const Image& image) {
  std::vector<std::byte> out;
  Writer w(out);
  if (w.info == nullptr) return Unexpected(cannot_encode("libpng could not start"));
  const bool done = run(w.png, [&] {
    png_set_IHDR(w.png, w.info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_filter(w.png, 0, PNG_FILTER_SUB | PNG_FILTER_UP);
    png_write_info(w.png, w.info);
    for (int y = 0; y < image.height; ++y) png_write_row(w.png, image.at(0, y));
    png_write_end(w.png, nullptr);
  });
  if (!done) return Unexpected(cannot_encode(w.stream.message));
  return out;
}

Expected<std::vector<std::byte>> encode_png(const Mask& mask, std::span<const Color> palette) {
  const auto highest = std::max_element(mask.labels.begin(), mask.labels.end());
  if (highest != mask.labels.end() && *highest > 255) {
    return Unexpected(input_error("mask", "label " + std::to_string(*highest),
                                  "labels up to 255: a palette PNG has 8 bits",
                                  "take the raw labels with --dump-outputs"));
  }
  png_color colors[256] = {};
  const size_t count = std::min<size_t>(palette.size(), 256);
  for (size_t i = 0; i < count; ++i) colors[i] = {palette[i].r, palette[i].g, palette[i].b};
  std::vector<uint8_t> row(static_cast<size_t>(mask.width));
  std::vector<std::byte> out;
  Writer w(out);
  if (w.info == nullptr) return Unexpected(cannot_encode("libpng could not start"));
  const bool done = run(w.png, [&] {
    png_set_IHDR(w.png, w.info, static_cast<png_uint_32>(mask.width), static_cast<png_uint_32>(mask.height), 8,
                 PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_PLTE(w.png, w.info, colors, 256);
    png_write_info(w.png, w.info);
    for (int y = 0; y < mask.height; ++y) {
      std::copy_n(mask.row(y), row.size(), row.begin());
      png_write_row(w.png, row.data());
    }
    png_write_end(w.png, nullptr);
  });
  if (!done) return Unexpected(cannot_encode(w.stream.message));
  return out;
}

}  // namespace monolite::image
