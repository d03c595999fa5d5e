#pragma once
// A picture becomes what a model takes.

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "image/image.h"
#include "image/resize.h"
#include "ir/graph.h"
#include "ops/evaluate.h"
#include "tasks/task.h"

namespace monolite::tasks {

// How pixels become real numbers: (x - mean) / std, one value or one a channel.
struct Normalization {
  std::vector<float> mean, std;
};

struct Feed {
  ops::Value value;            // the model's input, the same picture for each item of the batch
  image::Placement placement;  // which part of the picture went where
  int32_t picture_width = 0, picture_height = 0;
  int32_t input_width = 0, input_height = 0;
  Normalization normalization;  // of the real numbers that the model sees
  std::string line;             // "800x600 → 513x385 bilinear, pad 128, (x-127.5)/127.5"
};

// How a task takes a picture: segmentation and super-resolution fit, classification crops, all others stretch.
image::Fit usual_fit(TaskKind kind);
// Errors: another word than fit, stretch, crop and pad.
Expected<image::Fit> fit_from_name(const std::string& name);

// Scales a picture to the model's input and turns it into the input's type: uint8 takes pixels as they are, int8 less
// 128; other types, and int8 with a `stated` normalization, take real numbers through the normalization and the
// tensor's quantization. Without a statement that is (x-127.5)/127.5, and pixels as they are for super-resolution. What
// a fitted picture leaves free is filled with the mean value. One channel takes luma.
//
//   stated  what the model's metadata says, if anything
//
// Errors: an input of a type that no picture can be fed to.
Expected<Feed> feed_picture(const image::Image& picture, const Tensor& input, const PictureInput& target, TaskKind kind,
                            image::Fit fit, const std::optional<Normalization>& stated);

}  // namespace monolite::tasks
