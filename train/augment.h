#pragma once
// A labelled picture -> a crop of the size that the net takes, scaled, placed and mirrored at random.

#include <cstdint>

#include "data/source.h"

namespace monolite::train {

using data::Sample;

struct Augmentation {
  double min_scale = 0.5, max_scale = 2.0, scale_step = 0.25;
  bool mirrors = true;
  uint8_t ignore_label = 255;  // of what the padding adds
};

// Writes a crop of height x width into `image` and `labels`. The same `random` gives the same crop.
//
// As research/deeplab: scale, pad right and below with the mean pixel, crop anywhere, mirror half of the time; pictures
// are interpolated with aligned corners, labels take their nearest neighbour.
void augment(const Sample& sample, const Augmentation& how, uint64_t random, int height, int width, uint8_t* image,
             uint8_t* labels);

// The picture at the top left of the crop, cut or padded: what validation sees.
void place(const Sample& sample, uint8_t ignore_label, int height, int width, uint8_t* image, uint8_t* labels);

}  // namespace monolite::train
