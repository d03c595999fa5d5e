#pragma once
// DeepLab v3 and v3+ over MobileNet v2, and v3 over MobileNet-EdgeTPU (Chen et al., arXiv:1706.05587 and 1802.02611),
// with the variable names of TensorFlow's research/deeplab.

#include <optional>

#include "nets/net.h"

namespace monolite::nets {

// Where the classes' names travel: a checkpoint's variable (uint8, one name a line), and the attribute of that text at
// SemanticPredictions in an exported graph, which TensorFlow passes over as it does all that begin with an underscore.
inline constexpr const char *kClassNamesVariable = "monolite/class_names", *kClassNamesAttribute = "_class_names";

// The node at which a graph's net begins, behind the preprocessing, by backbone.
inline constexpr const char *kMobileNetV2Input = "MobilenetV2/MobilenetV2/input",
                            *kMobileNetEdgeTpuInput = "MobilenetEdgeTPU/MobilenetEdgeTPU/input";

enum class Backbone { mobilenet_v2, mobilenet_edgetpu };

struct DeepLabOptions {
  Backbone backbone = Backbone::mobilenet_v2;
  double depth_multiplier = 1.0;
  int crop_height = 513, crop_width = 513;
  int classes = 21;
  int output_stride = 16;
  std::vector<int> atrous_rates;
  std::optional<int> decoder_output_stride;  // 4: the v3+ decoder; MobileNet v2 only
  int aspp_filters = 256, decoder_filters = 256;
  bool add_image_level_feature = true;
};

// The net from the scaled picture to the logits, resized to the last feature map's extents as multi-scale inference
// leaves them.
Net deeplab(const DeepLabOptions& options);

// DeepLab's extent of a feature map: int((extent - 1) * scale + 1).
int scale_extent(int extent, double scale);

}  // namespace monolite::nets
