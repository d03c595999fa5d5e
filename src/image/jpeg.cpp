#include "image/jpeg.h"

#include <csetjmp>
#include <cstdio>
// jpeglib.h wants stdio.h before it.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "image/exif.h"

namespace monolite::image {
namespace {

// A progressive file may hold any number of scans over the whole picture; encoders write about ten.
constexpr int kMostScans = 100;

struct ErrorHandler {
  jpeg_error_mgr base;  // first: libjpeg hands us a pointer to it
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* handler = reinterpret_cast<ErrorHandler*>(info->err);
  handler->base.format_message(info, handler->message);
  std::longjmp(handler->back, 1);
}

// Where data is missing libjpeg fills in grey and only warns: such a picture must not pass for the real one. The other
// warnings are about flaws that every viewer forgives.
void on_message(j_common_ptr info, int) {
  if (info->err->msg_code == JWRN_JPEG_EOF) on_error(info);
}

void on_text(j_common_ptr) {}

void on_progress(j_common_ptr info) {
  if (!info->is_decompressor) return;
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans) {
    auto* handler = reinterpret_cast<ErrorHandler*>(info->err);
    std::strcpy(handler->message, "more than 100 scans");
    std::longjmp(handler->back, 1);
  }
}

// Everything that must outlive libjpeg's jumps lives here, not on the stack of the functions that are jumped out of.
struct Decoder {
  jpeg_decompress_struct info = {};
  ErrorHandler handler = {};
  jpeg_progress_mgr progress = {};

  explicit Decoder(std::span<const std::byte> bytes) {
    info.err = jpeg_std_error(&handler.base);
    handler.base.error_exit = on_error;
    handler.base.emit_message = on_message;
    handler.base.output_message = on_text;
    is_ready = run([&] {
      jpeg_create_decompress(&info);
      progress.progress_monitor = on_progress;
      info.progress = &progress;
      jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()),
                   static_cast<unsigned long>(bytes.size()));
      jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
    });
  }
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Runs a step of libjpeg; false if it reported an error, whose text is then in handler.message.
  template <class Step>
  bool run(Step step) {
    if (setjmp(handler.back)) return false;
    step();
    return true;
  }

  bool is_ready = false;
};

Error broken(const std::string& name, const std::string& found) {
  return input_error(name, found, "a whole JPEG file", "open it in an image program and save it again");
}

int orientation_of(const jpeg_decompress_struct& info) {
  for (const auto* m = info.marker_list; m != nullptr; m = m->next) {
    const int found = exif_orientation(std::as_bytes(std::span(m->data, m->data_length)));
    if (found != 1) return found;
  }
  return 1;
}

// One row of CMYK to RGB, without a profile. Adobe's files store the inks inverted: 255 is no ink.
void cmyk_to_rgb(const uint8_t* cmyk, bool is_inverted, int32_t width, uint8_t* rgb) {
  for (int32_t x = 0; x < width; ++x) {
    const auto light = [&](int channel) { return is_inverted ? cmyk[4 * x + channel] : 255 - cmyk[4 * x + channel]; };
    for (int c = 0; c < 3; ++c) rgb[3 * x + c] = static_cast<uint8_t>((light(c) * light(3) + 127) / 255);
  }
}

bool read_rows(Decoder& d, Image& image, std::vector<uint8_t>& row) {
  const bool is_cmyk = d.info.out_color_space == JCS_CMYK;
  return d.run([&] {
    while (d.info.output_scanline < d.info.output_height) {
      const auto y = static_cast<int32_t>(d.info.output_scanline);
      JSAMPROW to = is_cmyk ? row.data() : image.at(0, y);
      if (jpeg_read_scanlines(&d.info, &to, 1) != 1) break;
      if (is_cmyk) cmyk_to_rgb(row.data(), d.info.saw_Adobe_marker, image.width, image.at(0, y));
    }
    jpeg_finish_decompress(&d.info);
  });
}

}  // namespace

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && bytes[0] == std::byte{0xFF} && bytes[1] == std::byte{0xD8} && bytes[2] == std::byte{0xFF};
}

Expected<Image> decode_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  Decoder d(bytes);
  if (!d.is_ready || !d.run([&] { jpeg_read_header(&d.info, TRUE); }))
    return Unexpected(broken(name, d.handler.message));
  const int64_t width = d.info.image_width, height = d.info.image_height;
  if (width * height > kMostPixels) {
    return Unexpected(input_error(name, size_text(width, height) + " pixels",
                                  "at most " + std::to_string(kMostPixels) + " pixels", "scale the picture down"));
  }
  // A block of 64 pixels takes at least one bit, and sampling factors stretch it at most by 4.
  if (!d.info.arith_code && width * height > 2048 * static_cast<int64_t>(bytes.size())) {
    return Unexpected(
        broken(name, std::to_string(bytes.size()) + " bytes for " + size_text(width, height) + " pixels"));
  }
  const bool has_inks = d.info.jpeg_color_space == JCS_CMYK || d.info.jpeg_color_space == JCS_YCCK;
  d.info.out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
  if (!d.run([&] { jpeg_start_decompress(&d.info); })) return Unexpected(broken(name, d.handler.message));
  const int orientation = orientation_of(d.info);  // now: finishing forgets the markers
  Image image(static_cast<int32_t>(width), static_cast<int32_t>(height));
  std::vector<uint8_t> row(has_inks ? static_cast<size_t>(width) * 4 : 0);
  if (!read_rows(d, image, row)) return Unexpected(broken(name, d.handler.message));
  return upright(std::move(image), orientation);
}

}  // namespace monolite::image
