#include "nets/mobilenet.h"

#include <span>

namespace monolite::nets {
namespace {

constexpr float kEpsilon = 1e-3f;
constexpr int kExpansionDivisor = 8;  // of a block's widened channels

struct Block {
  int expansion, stride, channels, kernel = 3;
  bool is_fused = false;  // widens with a whole convolution, which has the window and the stride
  bool is_residual = true;
};

struct Backbone {
  const char* scope;
  Activation activation;
  std::span<const Block> blocks;
};

constexpr Block kV2Blocks[] = {{1, 1, 16}, {6, 2, 24},  {6, 1, 24},  {6, 2, 32},  {6, 1, 32}, {6, 1, 32},
                               {6, 2, 64}, {6, 1, 64},  {6, 1, 64},  {6, 1, 64},  {6, 1, 96}, {6, 1, 96},
                               {6, 1, 96}, {6, 2, 160}, {6, 1, 160}, {6, 1, 160}, {6, 1, 320}};
constexpr Block kEdgeTpuBlocks[] = {{1, 1, 16, 3, true}, {8, 2, 32, 3, true},
                                    {4, 1, 32, 3, true}, {4, 1, 32, 3, true},
                                    {4, 1, 32, 3, true}, {8, 2, 48, 3, true},
                                    {4, 1, 48, 3, true}, {4, 1, 48, 3, true},
                                    {4, 1, 48, 3, true}, {8, 2, 96},
                                    {4, 1, 96},          {4, 1, 96},
                                    {4, 1, 96},          {8, 1, 96, 3, false, false},
                                    {4, 1, 96},          {4, 1, 96},
                                    {4, 1, 96},          {8, 2, 160, 5},
                                    {4, 1, 160, 5},      {4, 1, 160, 5},
                                    {4, 1, 160, 5},      {8, 1, 192}};

constexpr Backbone kV2{"MobilenetV2", Activation::relu6, kV2Blocks};
constexpr Backbone kEdgeTpu{"MobilenetEdgeTPU", Activation::relu, kEdgeTpuBlocks};

class Builder {
 public:
  Builder(Net& net, const Backbone& backbone, const MobileNetOptions& options)
      : net_(net), backbone_(backbone), options_(options) {}

  int build() {
    int x = add({.kind = LayerKind::convolution,
                 .name = std::string(backbone_.scope) + "/Conv",
                 .inputs = {kNetInput},
                 .channels = depth(32),
                 .kernel = 3,
                 .stride = 2,
                 .activation = backbone_.activation});
    int stride = 2, rate = 1, index = 0;
    for (const Block& b : backbone_.blocks) {
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
    const std::string scope =
        std::string(backbone_.scope) + "/expanded_conv" + (index == 0 ? "" : "_" + std::to_string(index));
    const int in_channels = net_.channels_of(in);
    int x = in;
    if (b.expansion > 1) {
      x = add({.kind = LayerKind::convolution,
               .name = scope + "/expand",
               .inputs = {x},
               .channels = make_divisible(in_channels * b.expansion, kExpansionDivisor, kExpansionDivisor),
               .kernel = b.is_fused ? b.kernel : 1,
               .stride = b.is_fused ? stride : 1,
               .activation = backbone_.activation,
               .end_point = scope + "/expansion_output"});
    }
    if (!b.is_fused) {
      x = add({.kind = LayerKind::depthwise,
               .name = scope + "/depthwise",
               .inputs = {x},
               .channels = net_.channels_of(x),
               .kernel = b.kernel,
               .stride = stride,
               .rate = rate,
               .activation = backbone_.activation,
               .end_point = scope + "/depthwise_output"});
    }
    const bool is_residual = b.is_residual && stride == 1 && in_channels == depth(b.channels);
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
  const Backbone& backbone_;
  const MobileNetOptions& options_;
};

}  // namespace

int add_mobilenet_v2(Net& net, const MobileNetOptions& options) { return Builder(net, kV2, options).build(); }
int add_mobilenet_edgetpu(Net& net, const MobileNetOptions& options) { return Builder(net, kEdgeTpu, options).build(); }

}  // namespace monolite::nets
