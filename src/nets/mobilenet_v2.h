#pragma once
// MobileNet v2 as slim builds it (Sandler et al., arXiv:1801.04381, table 2), up to the last inverted residual block.

#include "nets/net.h"

namespace monolite::nets {

struct MobileNetV2Options {
  double depth_multiplier = 1.0;
  int output_stride = 0;  // 0: as trained for classification (32)
  int divisor = 8;        // channels are multiples of it, and at least as many
};

// Appends the backbone to a net that has its input; returns the last layer's index. Once the output stride is reached,
// strides become rates of what follows.
int add_mobilenet_v2(Net& net, const MobileNetV2Options& options);

// Index of the layer with that end point, or kNetInput.
int find_end_point(const Net& net, const std::string& name);

}  // namespace monolite::nets
