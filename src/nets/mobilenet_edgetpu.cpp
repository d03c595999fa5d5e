#include "nets/mobilenet_edgetpu.h"

namespace monolite::nets {
namespace {

constexpr float kEpsilon = 1e-3f;
constexpr int kDivisor = 8;  // channels are multiples of it

struct Block {
  bool is_fused;  // widens with a whole convolution, which has the window and the stride
  int kernel, stride, expansion, channels;
  bool is_residual = true;
};
constexpr Block kBlocks[] = {
    {true, 3, 1, 1, 16},   {true, 3, 2, 8, 32},         {true, 3, 1, 4, 32},   {true, 3, 1, 4, 32},
    {true, 3, 1, 4, 32},   {true, 3, 2, 8, 48},         {true, 3, 1, 4, 48},   {true, 3, 1, 4, 48},
    {true, 3, 1, 4, 48},   {false, 3, 2, 8, 96},        {false, 3, 1, 4, 96},  {false, 3, 1, 4, 96},
    {false, 3, 1, 4, 96},  {false, 3, 1, 8, 96, false}, {false, 3, 1, 4, 96},  {false, 3, 1, 4, 96},
    {false, 3, 1, 4, 96},  {false, 5, 2, 8, 160},       {false, 5, 1, 4, 160}, {false, 5, 1, 4, 160},
    {false, 5, 1, 4, 160}, {false, 3, 1, 8, 192}};

class Builder {
 public:
  Builder(Net& net, const MobileNetEdgeTpuOptions& options) : net_(net), options_(options) {}

  int build() {
    int x = add({.kind = LayerKind::convolution,
                 .name = "MobilenetEdgeTPU/Conv",
                 .inputs = {kNetInput},
                 .channels = depth(32),
                 .kernel = 3,
                 .stride = 2,
                 .activation = Activation::relu});
    int stride = 2, rate = 1, index = 0;
    for (const Block& b : kBlocks) {
      const bool is_dilated = options_.output_stride != 0 && stride == options_.output_stride;
      x = add_block(x, index++, b, is_dilated ? 1 : b.stride, is_dilated ? rate : 1);
      (is_dilated ? rate : stride) *= b.stride;
    }
    return x;
  }

 private:
  int depth(int channels) const { return make_divisible(channels * options_.depth_multiplier, kDivisor, kDivisor); }

  int add(Layer layer) {
    const int in = layer.inputs[0];
    if (layer.kind != LayerKind::add) layer.batch_norm_epsilon = kEpsilon;
    layer.height = same_extent(net_.height_of(in), layer.stride);
    layer.width = same_extent(net_.width_of(in), layer.stride);
    net_.layers.push_back(std::move(layer));
    return static_cast<int>(net_.layers.size()) - 1;
  }

  int add_block(int in, int index, const Block& b, int stride, int rate) {
    const std::string scope = "MobilenetEdgeTPU/expanded_conv" + (index == 0 ? "" : "_" + std::to_string(index));
    const int in_channels = net_.channels_of(in);
    int x = in;
    if (b.expansion > 1) {
      x = add({.kind = LayerKind::convolution,
               .name = scope + "/expand",
               .inputs = {x},
               .channels = make_divisible(in_channels * b.expansion, kDivisor, kDivisor),
               .kernel = b.is_fused ? b.kernel : 1,
               .stride = b.is_fused ? stride : 1,
               .activation = Activation::relu,
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
               .activation = Activation::relu,
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
  const MobileNetEdgeTpuOptions& options_;
};

}  // namespace

int add_mobilenet_edgetpu(Net& net, const MobileNetEdgeTpuOptions& options) { return Builder(net, options).build(); }

}  // namespace monolite::nets
