#include "diagnosing/diagnose.h"

#include <gtest/gtest.h>

#include "diagnosing/labels.h"
#include "ir/builder.h"
#include "ops/arg_min_max.h"

namespace monolite::diagnosing {
namespace {

image::Mask ramp(int32_t height, int32_t width) {
  image::Mask m(width, height);
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) m.row(y)[x] = static_cast<uint16_t>((y * y * 7 + x * x * 3 + y * x * 5) % 11);
  }
  return m;
}

TEST(Labels, FindTheShiftThatMadeAMask) {
  const image::Mask mask = ramp(40, 50);
  for (const auto& [down, right] : {std::pair{3, -2}, std::pair{-1, 0}, std::pair{0, 4}}) {
    const Shift s = best_shift(mask, moved(mask, down, right), 40, 50, 5);
    EXPECT_EQ(s.down, down);
    EXPECT_EQ(s.right, right);
    EXPECT_EQ(s.differing, 0);
  }
  EXPECT_EQ(best_shift(mask, mask, 40, 50, 5).right, 0);
}

TEST(Labels, OfScoresAreTheFirstLargest) {
  const ops::Value scores{DType::float32, {1, 1, 2, 3}, Buffer::of(std::vector<float>{0, 5, 5, -1, -2, 0})};
  const auto labels = labels_of(scores);
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->labels, (std::vector<uint16_t>{1, 2}));
  EXPECT_FALSE(labels_of({DType::float32, {4}, Buffer::of(std::vector<float>(4))}));
}

// Labels are the brightest channel: colours decide, and every place counts.
Model brightest_channel() {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::uint8, {1, 24, 24, 3}, per_tensor(1.0f / 128, 128));
  const auto axis = g.constant<int32_t>("axis", {}, {3});
  const auto y = g.tensor("y", DType::int32, {1, 24, 24});
  g.node(OpCode::ARG_MAX, {x, axis}, {y}, "ArgMaxOptions", ops::ArgMinMax{.output_type = DType::int32});
  g.output(y);
  return model;
}

TEST(Diagnose, NamesSwappedChannelsAndStretching) {
  const Model model = brightest_channel();
  Subject subject;
  subject.picture = image::Image(32, 20);
  for (size_t i = 0; i < subject.picture.rgb.size(); ++i) {
    subject.picture.rgb[i] = static_cast<uint8_t>((i * i / 7 + i * 31) % 251);
  }
  subject.input = {.index = 0, .batch = 1, .height = 24, .width = 24, .channels = 3};
  const auto mask = [&](image::Image picture, image::Fit fit) {
    const auto fed = tasks::feed_picture(picture, model.main().tensors[0], subject.input, subject.kind, fit, {});
    auto out = ops::evaluate(model, std::vector{fed->value});
    return *labels_of((*out)[0]);
  };
  image::Image swapped = subject.picture;
  for (size_t i = 0; i + 2 < swapped.rgb.size(); i += 3) std::swap(swapped.rgb[i], swapped.rgb[i + 2]);
  const auto none = diagnose(model, subject, mask(subject.picture, image::Fit::fit));
  ASSERT_TRUE(none) << to_string(none.error());
  EXPECT_TRUE(none->explanations[0].faults.empty());
  const auto bgr = diagnose(model, subject, mask(swapped, image::Fit::fit));
  ASSERT_TRUE(bgr);
  EXPECT_EQ(bgr->explanations[0].faults, std::vector<std::string>{"BGR instead of RGB"});
  EXPECT_EQ(bgr->explanations[0].unexplained, 0);
  const auto both = diagnose(model, subject, mask(swapped, image::Fit::stretch));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->explanations[0].faults.size(), 2u);
  EXPECT_EQ(both->explanations[0].unexplained, 0);
}

TEST(Diagnose, NamesStretchingInAMaskThatWasScaledBackToThePicture) {
  const Model model = brightest_channel();
  Subject subject;
  subject.picture = image::Image(48, 24);
  for (int32_t y = 0; y < 24; ++y) {  // stripes of one colour each, as wide and high as what a pixel is made of
    for (int32_t x = 0; x < 48; ++x)
      subject.picture.rgb[static_cast<size_t>((y * 48 + x) * 3 + (x / 8 + y / 6) % 3)] = 200;
  }
  subject.input = {.index = 0, .batch = 1, .height = 24, .width = 24, .channels = 3};
  const auto fed = tasks::feed_picture(subject.picture, model.main().tensors[0], subject.input, subject.kind,
                                       image::Fit::stretch, {});
  const auto small = *labels_of((*ops::evaluate(model, std::vector{fed->value}))[0]);
  image::Mask found(48, 24);
  for (int32_t y = 0; y < 24; ++y) {
    for (int32_t x = 0; x < 48; ++x) found.row(y)[x] = small.labels[static_cast<size_t>(y * 24 + x / 2)];
  }
  const auto d = diagnose(model, subject, found);
  ASSERT_TRUE(d) << to_string(d.error());
  const auto stretched = std::find_if(d->explanations.begin(), d->explanations.end(), [](const Explanation& e) {
    return e.faults == std::vector<std::string>{"stretched instead of fitted"};
  });
  ASSERT_NE(stretched, d->explanations.end());
  EXPECT_EQ(stretched->unexplained, 0);
}

}  // namespace
}  // namespace monolite::diagnosing
