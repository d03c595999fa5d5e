#pragma once
// What a segmentation model says of a picture.

#include "base/expected.h"
#include "image/image.h"
#include "ir/graph.h"

namespace monolite {

// The labels in the picture's own size, the picture being fed as `monolite run` feeds it, on the fast backend.
//
// Errors: a model that is no segmentation's, takes more than the picture, or cannot be computed.
Expected<image::Mask> picture_mask(const Model& model, const image::Image& picture);

}  // namespace monolite
