#include "diagnosing/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace monolite::diagnosing {
namespace {

using tasks::Feed;
using tasks::Normalization;

// --- the model

bool set_resize_flags(Model& model, bool align_corners, bool half_pixel_centers) {
  bool has_changed = false;
  for (Node& node : model.main().nodes) {
    if (node.op != OpCode::RESIZE_BILINEAR && node.op != OpCode::RESIZE_NEAREST_NEIGHBOR) continue;
    const auto flag = [&](const char* name, bool value) {
      const AttributeValue* now = node.attributes.find(name);
      const bool was = now != nullptr && std::holds_alternative<bool>(*now) && std::get<bool>(*now);
      if (was == value) return;
      node.attributes.set(name, value);
      has_changed = true;
    };
    flag("align_corners", align_corners);
    flag("half_pixel_centers", half_pixel_centers);
  }
  return has_changed;
}

Fault of_model(std::string name, std::string mend, bool align_corners, bool half_pixel_centers) {
  return {.stage = Stage::model, .name = std::move(name), .mend = std::move(mend), .change_model = [=](Model& m) {
            return set_resize_flags(m, align_corners, half_pixel_centers);
          }};
}

// --- the picture

Expected<Feed> fed(const Subject& s, const Tensor& input, image::Fit fit) {
  return tasks::feed_picture(s.picture, input, s.input, s.kind, fit, s.stated);
}

size_t pixel_bytes(const Feed& f, const Subject& s) {
  const auto pixels = static_cast<size_t>(s.input.height) * static_cast<size_t>(s.input.width);
  return f.value.data.size_bytes() / (pixels * static_cast<size_t>(s.input.batch));
}

// The value anew, from `pixel(y, x)`: the place in the old value where the bytes of a pixel lie.
template <class From>
Expected<Feed> rearranged(Feed f, const Subject& s, const std::vector<std::byte>& old, From&& pixel) {
  const size_t size = pixel_bytes(f, s);
  std::vector<std::byte> made(f.value.data.size_bytes());
  const int32_t rows = s.input.height * s.input.batch;
  for (int32_t y = 0; y < rows; ++y) {
    for (int32_t x = 0; x < s.input.width; ++x) {
      const size_t to = (static_cast<size_t>(y) * static_cast<size_t>(s.input.width) + static_cast<size_t>(x)) * size;
      std::memcpy(made.data() + to, old.data() + pixel(y % s.input.height, x) * size, size);
    }
  }
  f.value.data = Buffer::of(std::move(made));
  return f;
}

std::vector<std::byte> copy_of(const Feed& f) {
  const auto bytes = f.value.data.bytes();
  return {bytes.begin(), bytes.end()};
}

// The picture in the middle of the input, as letterboxes have it.
Expected<Feed> centred(const Subject& s, const Tensor& input) {
  ML_ASSIGN(Feed f, fed(s, input, image::Fit::fit));
  const int32_t h = s.input.height, w = s.input.width;
  const int32_t top = (h - f.placement.to_height) / 2, left = (w - f.placement.to_width) / 2;
  const auto free = static_cast<size_t>(h) * static_cast<size_t>(w) - 1;  // the last pixel is padding, or nothing moves
  const auto old = copy_of(f);
  return rearranged(std::move(f), s, old, [=, p = f.placement](int32_t y, int32_t x) {
    const bool is_inside = y >= top && y < top + p.to_height && x >= left && x < left + p.to_width;
    return is_inside ? static_cast<size_t>(y - top) * static_cast<size_t>(w) + static_cast<size_t>(x - left) : free;
  });
}

// The padding holds what a pixel of this grey becomes.
Expected<Feed> padded_with(const Subject& s, const Tensor& input, uint8_t grey) {
  ML_ASSIGN(Feed f, fed(s, input, image::Fit::fit));
  Subject flat = s;
  flat.picture = image::Image(s.input.width, s.input.height, {grey, grey, grey});
  ML_ASSIGN(const Feed other, fed(flat, input, image::Fit::stretch));
  auto both = copy_of(f);
  const auto second = copy_of(other);
  const size_t pixels = both.size() / pixel_bytes(f, s);
  both.insert(both.end(), second.begin(), second.end());
  return rearranged(std::move(f), s, both, [=, w = s.input.width, p = f.placement](int32_t y, int32_t x) {
    const bool is_inside = y < p.to_height && x < p.to_width;
    return static_cast<size_t>(y) * static_cast<size_t>(w) + static_cast<size_t>(x) + (is_inside ? 0 : pixels);
  });
}

Expected<Feed> on_its_side(const Subject& s, const Tensor& input) {
  Subject turned = s;
  turned.picture = image::Image(s.picture.height, s.picture.width);
  for (int32_t y = 0; y < s.picture.height; ++y) {
    for (int32_t x = 0; x < s.picture.width; ++x) std::copy_n(s.picture.at(x, y), 3, turned.picture.at(y, x));
  }
  return fed(turned, input, image::Fit::fit);
}

// The largest square of the middle, as camera pipelines cut it.
Expected<Feed> middle_square(const Subject& s, const Tensor& input) {
  const int32_t side = std::min(s.picture.width, s.picture.height);
  const image::Rect middle{(s.picture.width - side) / 2, (s.picture.height - side) / 2, side, side};
  Subject cut = s;
  ML_ASSIGN(cut.picture, image::resize_bilinear(s.picture, middle, side, side));
  return fed(cut, input, image::Fit::stretch);
}

Fault of_picture(std::string name, std::string mend,
                 std::function<Expected<Feed>(const Subject&, const Tensor&)> feed) {
  return {.stage = Stage::picture, .name = std::move(name), .mend = std::move(mend), .feed = std::move(feed)};
}

// --- numbers

double stored(const Tensor& input, double real) {
  const Quantization& q = input.quantization;
  if (q.scale.size() != 1 || !(q.scale[0] > 0)) return real;
  return std::round(real / double{q.scale[0]}) + static_cast<double>(q.zero_point.empty() ? 0 : q.zero_point[0]);
}

template <class T>
void fill(const std::vector<double>& numbers, double least, double most, ops::Value& value) {
  std::vector<T> made;
  made.reserve(numbers.size());
  for (const double n : numbers) made.push_back(static_cast<T>(std::clamp(n, least, most)));
  value.data = Buffer::of(std::move(made));
}

void store(const std::vector<double>& numbers, ops::Value& value) {
  switch (value.dtype) {
    case DType::float32:
      return fill<float>(numbers, -1e30, 1e30, value);
    case DType::uint8:
      return fill<uint8_t>(numbers, 0, 255, value);
    case DType::int8:
      return fill<int8_t>(numbers, -128, 127, value);
    default:
      return;
  }
}

// Pixels became reals in another way than the model was trained with. `cast`: the reals were cut to integers and fed
// as they are, instead of through the input's scale.
Fault of_numbers(std::string name, const Normalization& n, bool cast = false) {
  return {.stage = Stage::numbers,
          .name = std::move(name),
          .mend = "compare the mean and scale on the device with what `monolite run` says it feeds",
          .change_numbers = [=](const Tensor& input, const std::vector<uint8_t>& pixels, ops::Value& value) {
            std::vector<double> numbers;
            numbers.reserve(pixels.size());
            for (size_t i = 0; i < pixels.size(); ++i) {
              const size_t c = n.mean.size() == 1 ? 0 : i % 3;
              const double real = (double{static_cast<float>(pixels[i])} - double{n.mean[c]}) / double{n.std[c]};
              const bool is_real = value.dtype == DType::float32;
              numbers.push_back(is_real ? real : cast ? std::trunc(real) : stored(input, real));
            }
            store(numbers, value);
          }};
}

// Every byte moved by 128: around the end, or as far as the type reaches.
Fault of_offset(std::string name, int by, bool wraps) {
  return {.stage = Stage::numbers,
          .name = std::move(name),
          .mend = "uint8 is int8 plus 128: look where the bytes are made",
          .change_numbers = [=](const Tensor&, const std::vector<uint8_t>&, ops::Value& value) {
            if (value.dtype != DType::uint8 && value.dtype != DType::int8) return;
            std::vector<double> numbers;
            for (const std::byte b : value.data.bytes()) {
              const auto u = static_cast<int>(b);
              const int now = value.dtype == DType::int8 ? static_cast<int8_t>(u) : u;
              const int flipped = value.dtype == DType::int8 ? static_cast<int8_t>(u ^ 0x80) : u ^ 0x80;
              numbers.push_back(wraps ? flipped : now + by);
            }
            store(numbers, value);
          }};
}

}  // namespace

Expected<Feed> usual_feed(const Subject& subject, const Tensor& input) { return fed(subject, input, image::Fit::fit); }

std::vector<Fault> all_faults() {
  return {
      of_model("align_corners is ignored",
               "the delegate or the converter dropped the flag: `monolite legalize` keeps the numbers without it",
               false, false),
      of_model("half-pixel centres", "the resize samples at pixel centres: check the converter's resize mode", false,
               true),
      of_picture("stretched instead of fitted", "keep the picture's aspect, and pad right and bottom",
                 [](const Subject& s, const Tensor& t) { return fed(s, t, image::Fit::stretch); }),
      of_picture("the middle is cropped (87.5 %)", "feed the whole picture",
                 [](const Subject& s, const Tensor& t) { return fed(s, t, image::Fit::crop); }),
      of_picture("the middle square is cropped", "feed the whole picture", middle_square),
      of_picture("padded on all sides instead of right and bottom", "put the picture at the top left", centred),
      of_picture("padded with black", "pad with the mean value",
                 [](const Subject& s, const Tensor& t) { return padded_with(s, t, 0); }),
      of_picture("padded with white", "pad with the mean value",
                 [](const Subject& s, const Tensor& t) { return padded_with(s, t, 255); }),
      of_picture("sides transposed before the model", "rows first, then columns: [height, width, channels]",
                 on_its_side),
      {.stage = Stage::colour,
       .name = "BGR instead of RGB",
       .mend = "swap the first and the last channel (OpenCV reads BGR)",
       .change_colours =
           [](image::Image& picture) {
             for (size_t i = 0; i + 2 < picture.rgb.size(); i += 3) std::swap(picture.rgb[i], picture.rgb[i + 2]);
           }},
      of_numbers("pixels as they are, 0 to 255", {{0}, {1}}),
      of_numbers("pixels scaled to 0..1", {{0}, {255}}),
      of_numbers("pixels scaled to -1..1", {{127.5F}, {127.5F}}),
      of_numbers("pixels less 127.5, not scaled", {{127.5F}, {1}}),
      of_numbers("ImageNet's mean and deviation", {{123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F}}),
      of_numbers("ImageNet's mean, not scaled", {{123.68F, 116.78F, 103.94F}, {1, 1, 1}}),
      of_numbers("pixels scaled to 0..1, then cut to integers", {{0}, {255}}, true),
      of_numbers("pixels scaled to -1..1, then cut to integers", {{127.5F}, {127.5F}}, true),
      of_offset("bytes moved by 128 (int8 for uint8 or the reverse)", 128, true),
      of_offset("bytes 128 too high, saturated", 128, false),
      of_offset("bytes 128 too low, saturated", -128, false),
  };
}

}  // namespace monolite::diagnosing
