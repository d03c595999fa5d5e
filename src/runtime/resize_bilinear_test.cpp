// RESIZE_BILINEAR, alone and before an ARG_MAX: the bits of the reference backend, for sizes and values of all kinds.

#include "ops/resize_bilinear.h"

#include <cmath>

#include "ops/arg_min_max.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

struct Sizes {
  int32_t in_y, in_x, out_y, out_x;
};
const Sizes kSizes[] = {{5, 5, 65, 65}, {5, 7, 5, 7},   {1, 1, 9, 9},     {9, 9, 17, 33}, {4, 6, 100, 91},
                        {8, 8, 3, 5},   {2, 3, 200, 7}, {33, 33, 65, 64}, {3, 3, 1, 1},   {6, 1, 13, 2}};
const ops::ResizeBilinear kModes[] = {{true, false}, {false, false}, {false, true}};

Model resize(const Sizes& s, ops::ResizeBilinear mode, DType type, int32_t channels, DType labels) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(model.graphs[0]);
  const Quantization q = type == DType::float32 ? Quantization() : per_tensor(0.1f, 7);
  const auto x = b.input("x", type, {2, s.in_y, s.in_x, channels}, q);
  const auto size = b.constant<int32_t>("size", {2}, {s.out_y, s.out_x});
  const auto y = b.tensor("y", type, {}, q);
  b.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions", mode);
  if (labels == type) {
    b.output(y);
    return model;
  }
  const auto axis = b.constant<int32_t>("axis", {1}, {-1});
  const auto z = b.tensor("z", labels, {});
  b.node(OpCode::ARG_MAX, {y, axis}, {z}, "ArgMaxOptions", ops::ArgMinMax{labels});
  b.output(z);
  return model;
}

// Smooth pictures have few candidates in a cell, and ties; noise has many.
std::vector<ops::Value> with_ties(const Model& model, uint32_t seed) {
  std::mt19937 random(seed);
  const Tensor& t = model.main().tensor(model.main().inputs[0]);
  std::vector<uint8_t> v(static_cast<size_t>(t.shape.elements()));
  for (uint8_t& x : v) x = static_cast<uint8_t>(random() % 5 == 0 ? random() % 4 + 100 : 100 + random() % 2);
  return {{t.dtype, t.shape, Buffer::of(std::move(v))}};
}

TEST(ResizeBilinear, HasTheReferencesBits) {
  uint32_t seed = 0;
  for (const Sizes& s : kSizes) {
    for (const auto& mode : kModes) {
      for (const DType type : {DType::uint8, DType::int8, DType::float32}) {
        const bool same = s.in_y == s.out_y && s.in_x == s.out_x;
        testing::expect_same_bits(resize(s, mode, type, 35, type), same ? "copy" : "resize_bilinear", ++seed);
      }
    }
  }
}

// Few different numbers, some of them next to one another, some none.
std::vector<ops::Value> floats_with_ties(const Model& model, uint32_t seed, bool finite) {
  std::mt19937 random(seed);
  const Tensor& t = model.main().tensor(model.main().inputs[0]);
  std::vector<float> v(static_cast<size_t>(t.shape.elements()));
  const float values[] = {1.5F, std::nextafter(1.5F, 2.0F), 1.5F, -1.5F, 0.3F, 1e-38F, 0.0F, -0.0F};
  const float others[] = {INFINITY, -INFINITY, NAN};
  for (float& x : v) {
    x = values[random() % (random() % 4 == 0 ? 8 : 2)];
    if (!finite && random() % 20 == 0) x = others[random() % 3];
  }
  return {{t.dtype, t.shape, Buffer::of(std::move(v))}};
}

TEST(ResizeArgmax, HasTheReferencesLabelsOfFloats) {
  uint32_t seed = 0;
  for (const Sizes& s : kSizes) {
    for (const auto& mode : kModes) {
      for (const int32_t channels : {1, 21, s.out_x == 65 ? 151 : 33}) {
        const Model model = resize(s, mode, DType::float32, channels, seed % 2 == 0 ? DType::int32 : DType::int64);
        testing::expect_same_bits(model, "resize_bilinear", ++seed);
        for (const bool finite : {false, true}) {
          SCOPED_TRACE(::testing::Message() << s.in_y << " " << s.in_x << " " << s.out_y << " " << s.out_x << " "
                                            << mode.align_corners << mode.half_pixel_centers << " finite " << finite);
          testing::expect_same_bits(model, "0,1 ", floats_with_ties(model, seed, finite));
        }
      }
    }
  }
}

TEST(ResizeArgmax, HasTheReferencesLabels) {
  uint32_t seed = 0;
  for (const Sizes& s : kSizes) {
    for (const auto& mode : kModes) {
      for (const DType type : {DType::uint8, DType::int8}) {
        for (const int32_t channels : {1, s.out_x == 65 ? 151 : 21}) {
          const Model model = resize(s, mode, type, channels, seed % 2 == 0 ? DType::int32 : DType::int64);
          testing::expect_same_bits(model, "resize_bilinear", ++seed);
          testing::expect_same_bits(model, "resize_bilinear", with_ties(model, seed));
        }
      }
    }
  }
}

}  // namespace
}  // namespace monolite::runtime
