#pragma once
// Segmentation nets as bytes choose, in the manner of DeepLab and its kin: strided stages, dilated ones, branches over
// the whole map, skips, and the picture's size at the end. The same bytes give the same net at any size and output
// stride.

#include <cstdint>
#include <string>
#include <vector>

#include "layer_writer.h"

namespace monolite::fuzz {

class RandomSegmenter : private LayerWriter {
 public:
  // `output_stride`: how many pixels of the picture a pixel of the coarsest map may stand for; from there on strides
  // become dilations, as slim's nets have it. 0: as many as the strides give.
  RandomSegmenter(const uint8_t* data, size_t size, int64_t height, int64_t width, int64_t output_stride)
      : LayerWriter(data, size), picture_{height, width}, output_stride_(output_stride) {}

  // A placeholder "x" [1, height, width, 3] -> "out", labels or scores.
  tensorflow::Graph make() {
    placeholder({1, picture_.height, picture_.width, 3});
    Map map{"x", picture_, 3};
    const int64_t stages = 1 + below(4);
    for (int64_t i = 0; i < stages; ++i) {
      map = stage(map);
      if (output_stride_ == 0 || full_stride_ <= kFinestOutputStride) skips_.push_back(map);
    }
    if (coin()) map = pyramid(map);
    if (coin() && !skips_.empty()) map = decoded(map);
    const bool aligns = coin();
    map = resized(convolution(map, 1, 1, 1, 2 + below(4), false), picture_, aligns, !aligns && coin());
    if (coin()) {
      w_.node("out", "ArgMax", {map.name, ints({}, {3})},
              {{"T", tensorflow::DataType::float32}, {"output_type", tensorflow::DataType::int32}});
    } else {
      w_.float_node("out", "Identity", {map.name});
    }
    return w_.take();
  }

  static constexpr int64_t kFinestOutputStride = 4;  // that may be asked for

 private:
  struct Size {
    int64_t height, width;
  };
  struct Map {
    std::string name;
    Size size;
    int64_t channels;
  };

  static Size halved(const Size& s, int64_t stride) {
    return {(s.height + stride - 1) / stride, (s.width + stride - 1) / stride};
  }

  // A convolution of the backbone, which has a stride or a dilation.
  Map layer(const Map& x, int64_t size, int64_t stride, int64_t dilation, int64_t channels, bool is_depthwise) {
    if (output_stride_ == 0) return convolution(x, size, stride, dilation, channels, is_depthwise);
    const int64_t rate = size == 1 ? 1 : rate_;
    full_stride_ *= stride;
    if (stride_ * stride <= output_stride_) {
      stride_ *= stride;
      return convolution(x, size, stride, stride == 1 ? rate : 1, channels, is_depthwise);
    }
    const Map out = convolution(x, size, 1, rate, channels, is_depthwise);
    rate_ *= stride;
    return out;
  }

  Map convolution(const Map& x, int64_t size, int64_t stride, int64_t dilation, int64_t channels, bool is_depthwise) {
    Map out{"", halved(x.size, stride), is_depthwise ? x.channels : channels};
    const std::string filter = floats({size, size, x.channels, is_depthwise ? 1 : channels}, -0.5f, 0.5f);
    out.name = node(is_depthwise ? "DepthwiseConv2dNative" : "Conv2D", {x.name, filter},
                    {{"strides", Dims{1, stride, stride, 1}},
                     {"dilations", Dims{1, dilation, dilation, 1}},
                     {"padding", std::string("SAME")}});
    if (coin()) out.name = node("BiasAdd", {out.name, floats({out.channels})});
    if (coin()) out.name = node("Relu6", {out.name});
    return out;
  }

  // Half the size, most times; then blocks that keep it.
  Map stage(const Map& x) {
    Map map = x;
    const int64_t channels = 2 + below(5);
    switch (below(output_stride_ == 0 ? 5 : 3)) {
      case 0:
        map = layer(x, 3, 2, 1, channels, false);
        break;
      case 1:
        map = layer(layer(x, 3, 2, 1, 0, true), 1, 1, 1, channels, false);
        break;
      case 3:
        map.name = node(coin() ? "MaxPool" : "AvgPool", {x.name},
                        {{"ksize", Dims{1, 2, 2, 1}}, {"strides", Dims{1, 2, 2, 1}}, {"padding", std::string("SAME")}});
        map.size = halved(x.size, 2);
        break;
      case 2:
        map = layer(x, 3, 1, 1 + below(3), channels, false);
        break;
      default:
        map = layer(x, 1, 2, 1, channels, false);
    }
    const int64_t blocks = below(3);
    for (int64_t i = 0; i < blocks; ++i) {
      const Map inside = layer(map, 3, 1, 1 + below(3), map.channels, coin());
      map.name = node("AddV2", {map.name, inside.name});
    }
    return map;
  }

  Map resized(const Map& x, const Size& size, bool aligns, bool is_half) {
    return {node("ResizeBilinear", {x.name, ints({2}, {size.height, size.width})},
                 {{"align_corners", aligns}, {"half_pixel_centers", is_half}}),
            size, x.channels};
  }

  Map joined(const Map& a, const Map& b) {
    return {node("ConcatV2", {a.name, b.name, ints({}, {3})}, {{"N", int64_t{2}}}), a.size, a.channels + b.channels};
  }

  // A branch over the whole map beside one that looks far.
  Map pyramid(const Map& x) {
    Map pooled{"", {1, 1}, x.channels};
    if (coin()) {
      pooled.name = node("Mean", {x.name, ints({2}, {1, 2})}, {{"keep_dims", true}});
    } else {
      pooled.name = node("AvgPool", {x.name},
                         {{"ksize", Dims{1, x.size.height, x.size.width, 1}},
                          {"strides", coin() ? Dims{1, 1, 1, 1} : Dims{1, x.size.height, x.size.width, 1}},
                          {"padding", std::string("VALID")}});
    }
    pooled = convolution(pooled, 1, 1, 1, 3, false);
    const int64_t far_rate = 1 + below(4);
    const Map far = convolution(x, 3, 1, output_stride_ == 0 ? far_rate : rate_, 3, coin());
    return joined(resized(pooled, x.size, coin(), false), far);
  }

  Map decoded(const Map& x) {
    const Map& skip = skips_[static_cast<size_t>(below(static_cast<int64_t>(skips_.size())))];
    const Map both = joined(resized(x, skip.size, coin(), false), convolution(skip, 1, 1, 1, 2, false));
    return convolution(both, 3, 1, 1, 4, coin());
  }

  Size picture_;
  int64_t output_stride_, stride_ = 1, rate_ = 1;
  int64_t full_stride_ = 1;  // where strides stay strides
  std::vector<Map> skips_;
};

}  // namespace monolite::fuzz
