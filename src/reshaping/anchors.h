#pragma once
// The anchors of an SSD detector: boxes around the pixels of its maps, in parts of the picture's height and width.

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/infer_shapes.h"

namespace monolite::reshaping {

// How the picture's sides changed.
struct PictureSizes {
  int32_t height_before, width_before, height, width;
};

// Anchors for the new sizes of the maps that the box encodings of detection node `node` were put together from: the
// same boxes in pixels of the shorter side, around each pixel. Quantized anchors keep their scale.
//
// Errors: the anchors are no constant, or do not lie evenly around the pixels of the maps.
Expected<Tensor> anchors_for(const Model& model, size_t node, const ops::Inference& before, const ops::Inference& now,
                             const PictureSizes& sizes);

}  // namespace monolite::reshaping
