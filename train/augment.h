#pragma once
// A labelled picture -> a crop of the size that the net takes, scaled, placed and mirrored at random.

#include <cstdint>
#include <utility>

#include "data/source.h"

namespace monolite::train {

using data::Sample;

struct Augmentation {
  double min_scale = 0.5, max_scale = 2.0, scale_step = 0.25;
  // Before all else the shorter side comes to min_resize, unless the longer one would pass max_resize, which it comes
  // to then; both sides rounded up to a multiple of resize_factor and one. 0: not.
  int min_resize = 0, max_resize = 0, resize_factor = 0;
  bool mirrors = true;
  uint8_t ignore_label = 255;  // of what the padding adds
};

// Writes a crop of height x width into `image` and `labels`. The same `random` gives the same crop.
//
// As research/deeplab: scale, pad right and below with the mean pixel, crop anywhere, mirror half of the time; pictures
// are interpolated with aligned corners, labels take their nearest neighbour.
void augment(const Sample& sample, const Augmentation& how, uint64_t random, int height, int width, uint8_t* image,
             uint8_t* labels);

// The picture at the top left of the crop, cut or padded: what validation sees of it while training goes on.
void place(const Sample& sample, uint8_t ignore_label, int height, int width, uint8_t* image, uint8_t* labels);

// All of the picture, scaled until it fits into the crop and padded: what validation sees at the end.
void fit(const Sample& sample, uint8_t ignore_label, int height, int width, uint8_t* image, uint8_t* labels);

// Height and width that a sample has after `how`'s resize to a range.
std::pair<int, int> resized_extents(const Augmentation& how, int height, int width);

}  // namespace monolite::train
