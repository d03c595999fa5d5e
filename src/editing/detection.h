#pragma once
// The post-processing of SSD detectors: the custom op TFLite_Detection_PostProcess and its anchors, taken off a graph
// and put on it.

#include <optional>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/detection_postprocess.h"

namespace monolite::editing {

// What a post-processing needs besides the graph.
struct DetectionTail {
  Tensor anchors;                     // [boxes, 4]: centre y, centre x, height, width, in parts of the picture
  ops::DetectionPostprocess options;  // num_classes 0: as many as there are scores, less the background
};

// Ends the model before its detection post-processing: box encodings and class scores become outputs.
//
// Errors: there is none, or several.
Expected<void> detach_detection(Model& model);

// The post-processing that a model has.
//
// Errors: there is none, or several; its anchors are no constant.
Expected<DetectionTail> detection_tail(const Model& model);

// The one that SSD MobileNet v1 and v2 are trained with (Liu et al. 2016, "SSD", 2.2, as the Object Detection API's
// create_ssd_anchors has it): six maps, each half the one before, the first a sixteenth of the input; scales 0.2 to
// 0.95; three boxes a cell on the first map, six on the others. At most 10 detections; boxes overlap up to 0.6.
//
// Errors: `boxes` is not what these maps give.
Expected<DetectionTail> ssd_mobilenet_tail(int32_t input_height, int32_t input_width, int32_t boxes);

// The same options without anchors.
DetectionTail plain_detection_tail();

// Puts it behind a model whose two outputs are box encodings [1, boxes, 4] and class scores [1, boxes, classes + 1];
// its four outputs become the model's. Quantized numbers go in as they are where the anchors are quantized alike, and
// as floats elsewhere.
//
// Errors: other outputs; another number of anchors.
Expected<void> attach_detection(Model& model, DetectionTail tail);

}  // namespace monolite::editing
