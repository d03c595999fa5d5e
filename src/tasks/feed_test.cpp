#include "tasks/feed.h"

#include <gtest/gtest.h>

namespace monolite::tasks {
namespace {

Tensor tensor(DType dtype, Quantization q = {}) {
  Tensor t;
  t.dtype = dtype;
  t.quantization = std::move(q);
  return t;
}

Feed feed(const image::Image& picture, const Tensor& input, PictureInput target, TaskKind kind = TaskKind::segmentation,
          const std::optional<Normalization>& stated = {}) {
  return *feed_picture(picture, input, target, kind, usual_fit(kind), stated);
}

TEST(Feed, GivesUint8ItsPixelsAndPadsWithTheMean) {
  const Feed f =
      feed(image::Image(4, 2, {10, 20, 30}), tensor(DType::uint8, per_tensor(1 / 128.0F, 128)), {0, 1, 4, 4, 3});
  EXPECT_EQ(f.value.shape, (Shape{1, 4, 4, 3}));
  EXPECT_EQ(f.value.data.get<uint8_t>(1), 20);
  EXPECT_EQ(f.value.data.get<uint8_t>(2 * 4 * 3), 128);
  EXPECT_EQ(f.line, "4x2 → 4x2 unscaled, pad 128, (x-128)/128 in uint8");
}

TEST(Feed, ShiftsForInt8) {
  const Feed f = feed(image::Image(2, 2, {0, 128, 255}), tensor(DType::int8, per_tensor(1, -128)), {0, 1, 2, 2, 3});
  EXPECT_EQ(f.value.data.get<int8_t>(0), -128);
  EXPECT_EQ(f.value.data.get<int8_t>(2), 127);
  EXPECT_EQ(f.line, "2x2 → 2x2 unscaled, x in int8");
}

TEST(Feed, NormalizesFloats) {
  const Feed f = feed(image::Image(800, 600, {255, 0, 51}), tensor(DType::float32), {0, 1, 513, 513, 3});
  EXPECT_EQ(f.value.data.get<float>(0), 1.0F);
  EXPECT_EQ(f.value.data.get<float>(1), -1.0F);
  EXPECT_EQ(f.value.data.get<float>(513 * 512 * 3), 0.0F);
  EXPECT_EQ(f.line, "800x600 → 513x385 bilinear, pad 127.5, (x-127.5)/127.5");
}

TEST(Feed, BelievesTheModelsMetadata) {
  const Feed f = feed(image::Image(1, 1, {100, 110, 120}), tensor(DType::float32), {0, 1, 1, 1, 3},
                      TaskKind::classification, Normalization{{100, 100, 100}, {1, 2, 4}});
  EXPECT_EQ(f.value.data.get<float>(1), 5.0F);
  EXPECT_EQ(f.line, "1x1 → 1x1 unscaled, (x-[100,100,100])/[1,2,4]");
  const Feed odd = feed(image::Image(1, 1), tensor(DType::float32), {0, 1, 1, 1, 3}, TaskKind::classification,
                        Normalization{{1, 2}, {0}});
  EXPECT_EQ(odd.line, "1x1 → 1x1 unscaled, (x-127.5)/127.5");
}

TEST(Feed, KeepsPixelsForSuperResolutionAndDoesNotEnlarge) {
  const Feed f =
      feed(image::Image(2, 1, {7, 8, 9}), tensor(DType::float32), {0, 1, 4, 4, 3}, TaskKind::super_resolution);
  EXPECT_EQ(f.value.data.get<float>(0), 7.0F);
  EXPECT_EQ(f.placement.to_width, 2);
}

TEST(Feed, CropsForClassification) {
  const Feed f = feed(image::Image(800, 600), tensor(DType::uint8), {0, 1, 224, 224, 3}, TaskKind::classification);
  EXPECT_EQ(f.line, "800x600 → crop 525x525 at 137,37 → 224x224 bilinear, x in uint8");
}

TEST(Feed, FillsABatchAndTakesLumaForOneChannel) {
  const Feed f = feed(image::Image(1, 1, {255, 0, 0}), tensor(DType::uint8), {0, 2, 1, 1, 1}, TaskKind::other);
  EXPECT_EQ(f.value.shape, (Shape{2, 1, 1, 1}));
  EXPECT_EQ(f.value.data.get<uint8_t>(1), 76);
}

TEST(Feed, QuantizesInt16) {
  const Feed f =
      feed(image::Image(1, 1, {255, 0, 0}), tensor(DType::int16, per_tensor(1 / 32767.0F, 0)), {0, 1, 1, 1, 3});
  EXPECT_EQ(f.value.data.get<int16_t>(0), 32767);
  EXPECT_EQ(f.value.data.get<int16_t>(1), -32767);
}

TEST(Feed, SaysWhereAPictureCannotGo) {
  const auto f = feed_picture(image::Image(1, 1), tensor(DType::string), {0, 1, 1, 1, 3}, TaskKind::other,
                              image::Fit::stretch, {});
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().found, "an input of type string");
  EXPECT_FALSE(feed_picture(image::Image(1, 1), tensor(DType::uint8), {0, 1 << 20, 1 << 15, 1 << 15, 3},
                            TaskKind::other, image::Fit::stretch, {}));
}

}  // namespace
}  // namespace monolite::tasks
