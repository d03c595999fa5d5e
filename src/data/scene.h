#pragma once
// Street scenes that are made, not photographed: a picture and its exact mask from a number.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace monolite::data {

// Names of the classes, Cityscapes' words; the index is the label. Nothing is unlabelled.
inline constexpr std::array<std::string_view, 8> kSceneClasses = {"road",    "sidewalk", "building", "vegetation",
                                                                  "terrain", "sky",      "person",   "car"};

struct Scene {
  int height = 0, width = 0;
  std::vector<uint8_t> image;   // [height, width, 3]
  std::vector<uint8_t> labels;  // [height, width]
};

// A street seen by a camera at its side or middle: perspective, houses with windows, trees, hedges, grass, parked and
// driving cars, people; sun or clouds, haze, shadows, texture, sensor noise. Colours say little about classes: cars,
// clothes and facades take any.
//
//   seed    the same seed and size give the same bytes on every machine (only + - * / and sqrt are used)
//   height, width  at least 1; focal length and objects scale with the smaller of them
//
// Threads: safe.
Scene scene(uint64_t seed, int height, int width);

}  // namespace monolite::data
