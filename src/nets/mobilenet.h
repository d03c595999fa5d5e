#pragma once
// Backbones of inverted residual blocks as slim builds them, up to the last block: MobileNet v2 (Sandler et al.,
// arXiv:1801.04381, table 2), and MobileNet-EdgeTPU (slim's V3_EDGETPU), whose blocks on large maps widen with a whole
// 3x3 convolution instead of a pointwise and a depthwise one.

#include "nets/net.h"

namespace monolite::nets {

struct MobileNetOptions {
  double depth_multiplier = 1.0;
  int output_stride = 0;  // 0: as trained for classification (32); else 8 or more
  int divisor = 8;        // channels are multiples of it, and at least as many
};

// Append the backbone to a net that has its input; return the last layer's index. Once the output stride is reached,
// strides become rates of what follows.
int add_mobilenet_v2(Net& net, const MobileNetOptions& options);
int add_mobilenet_edgetpu(Net& net, const MobileNetOptions& options);

}  // namespace monolite::nets
