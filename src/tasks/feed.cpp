#include "tasks/feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ops/limits.h"

namespace monolite::tasks {
namespace {

using Table = std::array<std::vector<double>, 3>;  // by channel and pixel value: the number to store

bool is_usable(const Normalization& n) {
  const auto is_fine = [](const std::vector<float>& v) {
    return (v.size() == 1 || v.size() == 3) &&
           std::all_of(v.begin(), v.end(), [](float f) { return std::isfinite(f); });
  };
  return is_fine(n.mean) && is_fine(n.std) && std::all_of(n.std.begin(), n.std.end(), [](float f) { return f != 0; });
}

float of_channel(const std::vector<float>& values, size_t channel) { return values[values.size() == 1 ? 0 : channel]; }

std::string list(const std::vector<float>& values) {
  if (values.size() == 1) return fmt::format("{:g}", values[0]);
  return fmt::format("[{:g},{:g},{:g}]", values[0], values[1], values[2]);
}

std::string formula(const Normalization& n) {
  const bool is_shifted = std::any_of(n.mean.begin(), n.mean.end(), [](float m) { return m != 0; });
  const bool is_scaled = std::any_of(n.std.begin(), n.std.end(), [](float s) { return s != 1; });
  std::string text = is_shifted ? "(x-" + list(n.mean) + ")" : "x";
  return is_scaled ? text + "/" + list(n.std) : text;
}

bool has_scale(const Tensor& t) {
  return t.quantization.scale.size() == 1 && std::isfinite(t.quantization.scale[0]) && t.quantization.scale[0] > 0;
}

int64_t zero_point(const Tensor& t) { return t.quantization.zero_point.empty() ? 0 : t.quantization.zero_point[0]; }

// How numbers are made from pixels for one input.
struct Conversion {
  Normalization normalization;  // of the reals
  std::string line;
  double pad[3] = {};  // what free places hold, as stored
  std::string pad_text;
  Table table;
};

// Pixels shifted by a whole number: 0 for uint8, 128 for int8. The mean is the value that stands for 0, where that is
// somewhere in the middle; a model whose reals start at black has no such value and takes middle grey.
Conversion shifted(const Tensor& input, int shift) {
  Conversion c;
  const int64_t middle = zero_point(input) + shift;
  const int64_t pad = has_scale(input) && middle >= 64 && middle <= 192 ? middle : 128;
  if (has_scale(input)) {
    const float scale = input.quantization.scale[0];
    c.normalization = {{static_cast<float>(middle)}, {1 / scale}};
  } else {
    c.normalization = {{static_cast<float>(shift)}, {1}};
  }
  c.line = formula(c.normalization) + " in " + std::string(name(input.dtype));
  c.pad_text = std::to_string(pad);
  for (size_t channel = 0; channel < 3; ++channel) {
    c.pad[channel] = static_cast<double>(pad - shift);
    for (int x = 0; x < 256; ++x) c.table[channel].push_back(x - shift);
  }
  return c;
}

double quantized(double real, const Tensor& input) {
  if (!has_scale(input) || is_float(input.dtype)) return real;
  return std::round(real / static_cast<double>(input.quantization.scale[0])) + static_cast<double>(zero_point(input));
}

Conversion normalized(const Tensor& input, const Normalization& n) {
  Conversion c;
  c.normalization = n;
  c.line = formula(n);
  const bool maps_to_zero = std::any_of(n.mean.begin(), n.mean.end(), [](float m) { return m != 0; });
  const std::vector<float> pad = maps_to_zero ? n.mean : std::vector<float>{127.5F};
  c.pad_text = list(pad);
  for (size_t channel = 0; channel < 3; ++channel) {
    // In float32, as training pipelines compute it.
    const float mean = of_channel(n.mean, channel), std = of_channel(n.std, channel);
    const auto convert = [&](float x) { return quantized(static_cast<double>((x - mean) / std), input); };
    c.pad[channel] = convert(of_channel(pad, channel));
    for (int x = 0; x < 256; ++x) c.table[channel].push_back(convert(static_cast<float>(x)));
  }
  return c;
}

Conversion conversion_for(const Tensor& input, TaskKind kind, const std::optional<Normalization>& stated) {
  const bool is_stated = stated && is_usable(*stated);
  if (input.dtype == DType::uint8) return shifted(input, 0);
  if (input.dtype == DType::int8 && !is_stated) return shifted(input, 128);
  if (is_stated) return normalized(input, *stated);
  const bool takes_pixels = kind == TaskKind::super_resolution || (is_integer(input.dtype) && !has_scale(input));
  return normalized(input, takes_pixels ? Normalization{{0}, {1}} : Normalization{{127.5F}, {127.5F}});
}

template <class T>
T saturated(double value) {
  if constexpr (std::is_floating_point_v<T>) return static_cast<T>(value);
  if (std::isnan(value)) return 0;
  return static_cast<T>(std::clamp(value, static_cast<double>(std::numeric_limits<T>::lowest()),
                                   static_cast<double>(std::numeric_limits<T>::max())));
}

// Rec. 601, as image programs turn colours to grey.
uint8_t luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}

template <class T>
Buffer store(const image::Image& picture, const PictureInput& target, const Conversion& c) {
  const auto channels = static_cast<size_t>(target.channels);
  std::array<std::array<T, 256>, 3> table;
  T pad[3];
  for (size_t k = 0; k < 3; ++k) {
    pad[k] = saturated<T>(c.pad[k]);
    for (size_t x = 0; x < 256; ++x) table[k][x] = saturated<T>(c.table[k][x]);
  }
  const size_t item = static_cast<size_t>(target.height) * static_cast<size_t>(target.width) * channels;
  std::vector<T> values(item * static_cast<size_t>(target.batch));
  for (size_t i = 0; i < item; ++i) values[i] = pad[i % channels];
  for (int32_t y = 0; y < picture.height; ++y) {
    T* to = values.data() + static_cast<size_t>(y) * static_cast<size_t>(target.width) * channels;
    for (int32_t x = 0; x < picture.width; ++x, to += channels) {
      const uint8_t* from = picture.at(x, y);
      if (channels == 1) {
        to[0] = table[0][luma(from)];
      } else {
        for (size_t k = 0; k < 3; ++k) to[k] = table[k][from[k]];
      }
    }
  }
  for (size_t n = 1; n < static_cast<size_t>(target.batch); ++n) {
    std::copy_n(values.begin(), item, values.begin() + static_cast<std::ptrdiff_t>(n * item));
  }
  return Buffer::of(std::move(values));
}

Expected<Buffer> store_as(DType dtype, const image::Image& picture, const PictureInput& target, const Conversion& c) {
  switch (dtype) {
    case DType::float32:
      return store<float>(picture, target, c);
    case DType::uint8:
      return store<uint8_t>(picture, target, c);
    case DType::int8:
      return store<int8_t>(picture, target, c);
    case DType::int16:
      return store<int16_t>(picture, target, c);
    case DType::int32:
      return store<int32_t>(picture, target, c);
    case DType::int64:
      return store<int64_t>(picture, target, c);
    default:
      return Unexpected(input_error("a picture", "an input of type " + std::string(name(dtype)),
                                    "float32, uint8, int8, int16, int32 or int64", "give the input as a .npy file"));
  }
}

// Super-resolution enlarges by itself: a picture that is small enough is not scaled ahead.
image::Placement placement_for(const image::Image& picture, const PictureInput& target, TaskKind kind, image::Fit fit) {
  if (kind == TaskKind::super_resolution && fit == image::Fit::fit) fit = image::Fit::pad;
  return image::place(fit, picture.width, picture.height, target.width, target.height);
}

std::string describe(const Feed& f, const Conversion& c) {
  const image::Placement& p = f.placement;
  std::string line = image::size_text(f.picture_width, f.picture_height);
  if (p.from.width != f.picture_width || p.from.height != f.picture_height) {
    line += fmt::format(" → crop {} at {},{}", image::size_text(p.from.width, p.from.height), p.from.left, p.from.top);
  }
  line += " → " + image::size_text(p.to_width, p.to_height);
  line += p.to_width == p.from.width && p.to_height == p.from.height ? " unscaled" : " bilinear";
  if (p.to_width != f.input_width || p.to_height != f.input_height) line += ", pad " + c.pad_text;
  return line + ", " + c.line;
}

}  // namespace

image::Fit usual_fit(TaskKind kind) {
  switch (kind) {
    case TaskKind::segmentation:
    case TaskKind::super_resolution:
      return image::Fit::fit;
    case TaskKind::classification:
      return image::Fit::crop;
    default:
      return image::Fit::stretch;
  }
}

Expected<image::Fit> fit_from_name(const std::string& name) {
  if (name == "fit") return image::Fit::fit;
  if (name == "stretch") return image::Fit::stretch;
  if (name == "crop") return image::Fit::crop;
  if (name == "pad") return image::Fit::pad;
  return Unexpected(usage_error("--resize", name, "fit, stretch, crop or pad"));
}

Expected<Feed> feed_picture(const image::Image& picture, const Tensor& input, const PictureInput& target, TaskKind kind,
                            image::Fit fit, const std::optional<Normalization>& stated) {
  const Shape shape{target.batch, target.height, target.width, target.channels};
  const auto elements = shape.checked_elements();
  if (!elements || *elements > ops::kMostTensorBytes / 8) {
    return Unexpected(input_error("input \"" + input.name + "\"", to_string(shape), "a size that a picture can have",
                                  "give the input as a .npy file"));
  }
  Feed f;
  f.picture_width = picture.width;
  f.picture_height = picture.height;
  f.input_width = target.width;
  f.input_height = target.height;
  f.placement = placement_for(picture, target, kind, fit);
  const bool is_scaled = f.placement.to_width != picture.width || f.placement.to_height != picture.height ||
                         f.placement.from != image::Rect{0, 0, picture.width, picture.height};
  image::Image scaled;
  if (is_scaled) {
    ML_ASSIGN(scaled, image::resize_bilinear(picture, f.placement.from, f.placement.to_width, f.placement.to_height));
  }
  const Conversion c = conversion_for(input, kind, stated);
  f.normalization = c.normalization;
  f.line = describe(f, c);
  ML_ASSIGN(Buffer data, store_as(input.dtype, is_scaled ? scaled : picture, target, c));
  f.value = {input.dtype, shape, std::move(data)};
  return f;
}

}  // namespace monolite::tasks
