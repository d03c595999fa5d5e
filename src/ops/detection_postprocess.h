#pragma once
// TFLite_Detection_PostProcess, the custom op that ends SSD detectors: box encodings [1, B, >= 4], class scores
// [1, B, classes (+ 1 background)], anchors [B, 4] -> boxes [1, D, 4], classes [1, D], scores [1, D], count [1], where
// D is max_detections * max_classes_per_detection.

#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"
#include "ops/node_view.h"

namespace monolite::ops {

struct DetectionPostprocess {  // keys of the custom options, a FlexBuffer map
  int32_t max_detections = 0;
  int32_t max_classes_per_detection = 0;
  int32_t detections_per_class = 100;  // regular suppression only
  bool use_regular_nms = false;        // each class by itself; else boxes by their best class
  float nms_score_threshold = 0;
  float nms_iou_threshold = 0;
  int32_t num_classes = 0;  // without the background
  float y_scale = 0, x_scale = 0, h_scale = 0, w_scale = 0;
  template <class V>
  void visit(V&& v) {
    v("max_detections", max_detections);
    v("max_classes_per_detection", max_classes_per_detection);
    v("detections_per_class", detections_per_class);
    v("use_regular_nms", use_regular_nms);
    v("nms_score_threshold", nms_score_threshold);
    v("nms_iou_threshold", nms_iou_threshold);
    v("num_classes", num_classes);
    v("y_scale", y_scale);
    v("x_scale", x_scale);
    v("h_scale", h_scale);
    v("w_scale", w_scale);
  }
};

// The options of a node's custom_options. Keys that are absent keep the defaults above.
//
// Errors: bytes that are no FlexBuffer map, an option that its field cannot hold (without a place: the caller knows the
// node).
Expected<DetectionPostprocess> read_detection_options(const Buffer& custom_options);
Buffer write_detection_options(DetectionPostprocess options);

// What detect() works with. Used again, it allocates nothing more.
struct DetectionMemory {
  struct Box {
    float y_min, x_min, y_max, x_max;
  };
  struct Detection {
    int32_t box, label;
    float score;
  };
  std::vector<Box> boxes;
  std::vector<float> scores, column;  // of all boxes and classes; one a box
  std::vector<int32_t> candidates, kept, classes;
  std::vector<Detection> best;

  // So that the first detect() allocates nothing either.
  void reserve(const NodeView& n, const DetectionPostprocess& o);
};

// The options of a node that `verify` has passed.
Expected<DetectionPostprocess> detection_options(const NodeView& n);

// Computes the node.
//
// Errors: a box that ends before it starts.
Expected<void> detect(const Evaluation& n, const DetectionPostprocess& o, DetectionMemory& memory);

}  // namespace monolite::ops
