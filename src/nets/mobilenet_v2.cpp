#include "nets/mobilenet_v2.h"

namespace monolite::nets {
namespace {

constexpr float kEpsilon = 1e-3f;
constexpr int kExpansionDivisor = 8;

struct Block {
  int expansion, stride, channels;
};
constexpr Block kBlocks[] = {{1, 1, 16}, {6, 2, 24},  {6, 1, 24},  {6, 2, 32},  {6, 1, 32}, {6, 1, 32},
                             {6, 2, 64}, {6, 1, 64},  {6, 1, 64},  {6, 1, 64},  {6, 1, 96}, {6, 1, 96},
                             {6, 1, 96}, {6, 2, 160}, {6, 1, 160}, {6, 1, 160}, {6, 1, 320}};

class Builder {
 public:
  Builder(Net& net, const MobileNetV2Options& options) : net_(net), options_(options) {}

  int build() {
    int x = add({.kind = LayerKind::convolution,
                 .name = "MobilenetV2/Conv",
                 .inputs = {kNetInput},
                 .channels = depth(32),
                 .kernel = 3,
                 .stride = 2,
                 .activation = Activation::relu6});
    int stride = 2, rate = 1, index = 0;
    for (const Block& b : kBlocks) {
      const bool is_dilated = options_.output_stride != 0 && stride == options_.output_stride;
      x = add_block(x, index++, b, is_dilated ? 1 : b.stride, is_dilated ? rate : 1);
      (is_dilated ? rate : stride) *= b.stride;
    }
    return x;
  }

 private:
  int depth(int channels) const {
    return make_divisible(channels * options_.depth_multiplier, options_.divisor, options_.divisor);
  }

  int add(Layer layer) {
    const int in = layer.inputs[0];
    if (layer.kind != LayerKind::add) layer.batch_norm_epsilon = kEpsilon;
    layer.height = same_extent(net_.height_of(in), layer.stride);
    layer.width = same_extent(net_.width_of(in), layer.stride);
    net_.layers.push_back(std::move(layer));
    return static_cast<int>(net_.layers.size()) - 1;
  }

  int add_block(int in, int index, const Block& b, int stride, int rate) {
    const std::string scope = "MobilenetV2/expanded_conv" + (index == 0 ? "" : "_" + std::to_string(index));
    const int in_channels = net_.channels_of(in);
    int x = in;
    if (b.expansion > 1) {
      x = add({.kind = LayerKind::convolution,
               .name = scope + "/expand",
               .inputs = {x},
               .channels = make_divisible(in_channels * b.expansion, kExpansionDivisor, kExpansionDivisor),
               .activation = Activation::relu6,
               .end_point = scope + "/expansion_output"});
    }
    x = add({.kind = LayerKind::depthwise,
             .name = scope + "/depthwise",
             .inputs = {x},
             .channels = net_.channels_of(x),
             .kernel = 3,
             .stride = stride,
             .rate = rate,
             .activation = Activation::relu6,
             .end_point = scope + "/depthwise_output"});
    const bool is_residual = stride == 1 && in_channels == depth(b.channels);
    x = add({.kind = LayerKind::convolution,
             .name = scope + "/project",
             .inputs = {x},
             .channels = depth(b.channels),
             .end_point = is_residual ? "" : scope + "/output"});
    if (!is_residual) return x;
    return add({.kind = LayerKind::add,
                .name = scope + "/add",
                .inputs = {x, in},
                .channels = in_channels,
                .end_point = scope + "/output",
                .range_scope = scope + "/post_activation_bypass_quant"});
  }

  Net& net_;
  const MobileNetV2Options& options_;
};

}  // namespace

int add_mobilenet_v2(Net& net, const MobileNetV2Options& options) { return Builder(net, options).build(); }

int find_end_point(const Net& net, const std::string& name) {
  for (size_t i = 0; i < net.layers.size(); ++i) {
    if (net.layers[i].end_point == name) return static_cast<int>(i);
  }
  return kNetInput;
}

}  // namespace monolite::nets
