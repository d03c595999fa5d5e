#pragma once
// MobileNet-EdgeTPU as slim builds it (its V3_EDGETPU), up to the last inverted residual block: blocks on large maps
// widen with a whole 3x3 convolution instead of a pointwise and a depthwise one.

#include "nets/net.h"

namespace monolite::nets {

struct MobileNetEdgeTpuOptions {
  double depth_multiplier = 1.0;
  int output_stride = 0;  // 0: as trained for classification (32); else 8 or more
};

// Appends the backbone to a net that has its input; returns the last layer's index. Once the output stride is reached,
// strides become rates of what follows.
int add_mobilenet_edgetpu(Net& net, const MobileNetEdgeTpuOptions& options);

}  // namespace monolite::nets
