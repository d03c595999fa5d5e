#pragma once
// From outputs to answers, one function a task.

#include <string>
#include <vector>

#include "base/expected.h"
#include "image/image.h"
#include "image/resize.h"
#include "tasks/feed.h"
#include "tasks/labels.h"
#include "tasks/task.h"

namespace monolite::tasks {

// Label of pixels that the model did not see: outside of a cropped part.
inline constexpr uint16_t kUnseen = 255;

struct LabelShare {
  int64_t label = 0;
  int64_t pixels = 0;
  double share = 0;  // of the pixels that the model saw
};

// The labels of a segmentation's output in its own size: integers as they are, of scores the first of the highest.
//
// Errors: an output of another shape than a segmentation's.
Expected<image::Mask> output_labels(const ops::Value& output);
// Which part of such a mask the picture lies in; the rest is padding.
image::Rect seen_part(const image::Mask& mask, const Feed& feed);
// Such a mask in the picture's own size: padding cut off, scaled back by nearest pixel.
//
// Errors: a picture of more than image::kMostPixels.
Expected<image::Mask> in_picture(const image::Mask& mask, const Feed& feed);

// Both in one: the mask in the picture's own size: padding cut off, scaled back by nearest pixel.
//
// Errors: an output of another shape than a segmentation's.
Expected<image::Mask> segmentation_mask(const ops::Value& output, const Feed& feed);
// The labels in the mask's part `seen`, the largest share first.
std::vector<LabelShare> label_shares(const image::Mask& mask, image::Rect seen);

struct ClassScore {
  int64_t label = 0;
  double score = 0;
};

// The classes of the first item, the highest score first, at most `top` (as many as there are where top is negative).
std::vector<ClassScore> top_classes(const ops::Value& output, const Quantization& quantization, int top);

struct Box {
  image::Rect rect;  // in the picture's own pixels, inside of it
  int64_t label = 0;
  double score = 0;
};

// The boxes of the first item with at least this score, the best first.
//
// Errors: outputs of other shapes than a detector's.
Expected<std::vector<Box>> boxes(std::span<const ops::Value> outputs, const DetectionOutputs& which, const Feed& feed,
                                 double least_score);

// The picture that a super-resolution model made, padding cut off.
//
// Errors: an output of another shape than a picture's.
Expected<image::Image> enlarged_picture(const ops::Value& output, const Quantization& quantization, const Feed& feed);

}  // namespace monolite::tasks
