#include "data/scene.h"

#include <gtest/gtest.h>

#include <numeric>

namespace monolite::data {
namespace {

TEST(Scene, IsTheSameForTheSameSeed) {
  const Scene a = scene(7, 65, 97), b = scene(7, 65, 97), c = scene(8, 65, 97);
  EXPECT_EQ(a.image, b.image);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_NE(a.labels, c.labels);
  EXPECT_EQ(a.image.size(), size_t{65 * 97 * 3});
}

TEST(Scene, EveryClassIsSeenAndNoneFillsAll) {
  std::array<int64_t, kSceneClasses.size()> pixels{};
  constexpr int kScenes = 60, kSize = 97;
  for (uint64_t seed = 0; seed < kScenes; ++seed) {
    for (const uint8_t label : scene(seed, kSize, kSize).labels) {
      ASSERT_LT(label, kSceneClasses.size());
      ++pixels[label];
    }
  }
  const int64_t all = std::accumulate(pixels.begin(), pixels.end(), int64_t{0});
  for (size_t c = 0; c < pixels.size(); ++c) {
    EXPECT_GT(pixels[c], all / 100) << kSceneClasses[c];
    EXPECT_LT(pixels[c], all / 2) << kSceneClasses[c];
  }
}

TEST(Scene, AnySizeWorks) {
  for (const int height : {1, 2, 17, 300}) {
    for (const int width : {1, 3, 40}) {
      for (uint64_t seed = 0; seed < 20; ++seed) {
        EXPECT_EQ(scene(seed, height, width).labels.size(), static_cast<size_t>(height * width));
      }
    }
  }
}

}  // namespace
}  // namespace monolite::data
