#include "eval/segmentation.h"

#include <gtest/gtest.h>

namespace monolite::eval {
namespace {

// Pictures of 4 x 2 whose labels are their columns.
class Columns final : public data::Source {
 public:
  int64_t size() const override { return 40; }
  Expected<data::Sample> load(int64_t index) const override {
    if (index == broken) return Unexpected(input_error("sample " + std::to_string(index), "broken"));
    data::Sample s{2, 4, std::vector<uint8_t>(24), {0, 1, 2, 3, 0, 1, 2, 3}, "picture_" + std::to_string(index)};
    if (index == odd) s.labels[6] = 77;
    return s;
  }
  int64_t broken = -1, odd = -1;
};

// Predicts the label of the left neighbour, in the picture or in a model's 8 x 8.
class Shifted final : public Predictor {
 public:
  explicit Shifted(bool in_model) : in_model_(in_model) {}
  Expected<Prediction> predict(const data::Sample& s) override {
    Prediction p;
    p.is_in_picture = !in_model_;
    p.feed.picture_width = s.width;
    p.feed.picture_height = s.height;
    const int width = in_model_ ? 8 : 4, height = in_model_ ? 8 : 2;
    p.feed.input_width = width;
    p.feed.input_height = height;
    p.feed.placement = image::place(image::Fit::fit, s.width, s.height, width, height);
    p.labels = image::Mask(width, height);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) p.labels.row(y)[x] = static_cast<uint16_t>(std::max(x * 4 / width - 1, 0));
    }
    return p;
  }

 private:
  bool in_model_;
};

auto shifted(bool in_model) {
  return [in_model]() -> Expected<std::unique_ptr<Predictor>> { return std::make_unique<Shifted>(in_model); };
}

TEST(Measure, CountsTheSameWithAnyNumberOfThreadsAndSizes) {
  const Columns source;
  for (const int threads : {1, 3, 64}) {
    for (const bool in_model : {false, true}) {
      const auto c = measure(source, {.classes = 4, .threads = threads}, shifted(in_model));
      ASSERT_TRUE(c);
      EXPECT_EQ(c->total(), 40 * 8);
      EXPECT_EQ(c->at(0, 0), 80);
      EXPECT_EQ(c->at(3, 2), 80);
    }
  }
}

TEST(Measure, InTheCropCountsTheModelsPixelsWithoutPadding) {
  const auto c = measure(Columns(), {.classes = 4, .in_crop = true, .samples = 1}, shifted(true));
  ASSERT_TRUE(c);
  EXPECT_EQ(c->total(), 8 * 4) << "the picture fills the upper half of 8 x 8";
  EXPECT_EQ(c->at(3, 2), 8);
}

TEST(Measure, GivesLabelsAndPredictionsOtherNumbers) {
  Measurement how{.classes = 2};
  how.label_map = *data::LabelMap::parse("0=1,3=0,*=ignore");
  how.prediction_map = *data::LabelMap::parse("0=1,2=ignore");
  const auto c = measure(Columns(), how, shifted(false));
  ASSERT_TRUE(c);
  EXPECT_EQ(c->total(), 40 * 4);
  EXPECT_EQ(c->at(1, 1), 80);
  EXPECT_EQ(c->at(0, 2), 80) << "what the map leaves out is no class";
}

TEST(Measure, TellsTheEarliestErrorWithThePicturesName) {
  Columns source;
  source.odd = 7;
  source.broken = 30;
  const auto c = measure(source, {.classes = 4, .threads = 4}, shifted(false));
  ASSERT_FALSE(c);
  EXPECT_EQ(to_string(c.error()).substr(0, 9), "picture_7") << to_string(c.error());
  EXPECT_NE(c.error().found.find("label 77 at column 2, row 1"), std::string::npos) << c.error().found;
}

TEST(Measure, SaysHowFarItIs) {
  std::vector<int64_t> seen;
  Measurement how{.classes = 4, .samples = 5, .threads = 2};
  how.progress = [&](int64_t done, int64_t of) {
    EXPECT_EQ(of, 5);
    seen.push_back(done);
  };
  ASSERT_TRUE(measure(Columns(), how, shifted(false)));
  EXPECT_EQ(seen, (std::vector<int64_t>{1, 2, 3, 4, 5}));
}

}  // namespace
}  // namespace monolite::eval
