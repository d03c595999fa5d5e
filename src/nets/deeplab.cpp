#include "nets/deeplab.h"

#include "nets/mobilenet.h"

namespace monolite::nets {
namespace {

constexpr float kEpsilon = 1e-5f;
constexpr int kLowLevelFilters = 48;
constexpr int kDecoderDepth = 2;
constexpr const char* kLowLevelEndPoint = "MobilenetV2/expanded_conv_2/depthwise_output";

class Builder {
 public:
  explicit Builder(const DeepLabOptions& options) : o_(options) {}

  Net build() {
    net_.input_height = o_.crop_height;
    net_.input_width = o_.crop_width;
    int x = add_head(add_backbone());
    int height = scale_extent(o_.crop_height, 1.0 / o_.output_stride),
        width = scale_extent(o_.crop_width, 1.0 / o_.output_stride);
    if (o_.decoder_output_stride) {
      height = scale_extent(o_.crop_height, 1.0 / *o_.decoder_output_stride);
      width = scale_extent(o_.crop_width, 1.0 / *o_.decoder_output_stride);
      x = add_decoder(x, height, width);
    }
    Layer logits = convolution("logits/semantic", x, o_.classes);
    logits.batch_norm_epsilon = 0;
    logits.activation = Activation::none;
    add(resize(o_.decoder_output_stride || o_.add_image_level_feature ? "ResizeBilinear_1" : "ResizeBilinear",
               add(std::move(logits)), height, width));
    return std::move(net_);
  }

 private:
  int add_backbone() {
    if (o_.backbone == Backbone::mobilenet_edgetpu) {
      net_.input_name = kMobileNetEdgeTpuInput;
      return add_mobilenet_edgetpu(net_, {.depth_multiplier = o_.depth_multiplier, .output_stride = o_.output_stride});
    }
    net_.input_name = kMobileNetV2Input;
    // Multipliers below 1 keep every channel count, as DeepLab's feature extractor asks slim to.
    const int divisor = o_.depth_multiplier == 1.0 ? 8 : 1;
    return add_mobilenet_v2(
        net_, {.depth_multiplier = o_.depth_multiplier, .output_stride = o_.output_stride, .divisor = divisor});
  }

  int add(Layer layer) {
    net_.layers.push_back(std::move(layer));
    return static_cast<int>(net_.layers.size()) - 1;
  }

  Layer convolution(const std::string& name, int in, int channels) const {
    return {.kind = LayerKind::convolution,
            .name = name,
            .inputs = {in},
            .channels = channels,
            .height = net_.height_of(in),
            .width = net_.width_of(in),
            .batch_norm_epsilon = kEpsilon,
            .activation = Activation::relu};
  }

  Layer resize(const std::string& name, int in, int height, int width) const {
    return {.kind = LayerKind::resize,
            .name = name,
            .inputs = {in},
            .channels = net_.channels_of(in),
            .height = height,
            .width = width};
  }

  // Depthwise with holes, then 1x1.
  int add_separable(const std::string& name, int in, int rate, int channels) {
    Layer depthwise = convolution(name + "_depthwise", in, net_.channels_of(in));
    depthwise.kind = LayerKind::depthwise;
    depthwise.kernel = 3;
    depthwise.rate = rate;
    return add(convolution(name + "_pointwise", add(std::move(depthwise)), channels));
  }

  int add_concat(const std::string& name, std::vector<int> inputs) {
    int channels = 0;
    for (const int i : inputs) channels += net_.channels_of(i);
    const int first = inputs[0];
    return add({.kind = LayerKind::concat,
                .name = name,
                .inputs = std::move(inputs),
                .channels = channels,
                .height = net_.height_of(first),
                .width = net_.width_of(first)});
  }

  int add_head(int features) {
    const int height = net_.height_of(features), width = net_.width_of(features);
    std::vector<int> branches;
    if (o_.add_image_level_feature) {
      const int pool = add({.kind = LayerKind::average_pool,
                            .name = "AvgPool2D/AvgPool",
                            .inputs = {features},
                            .channels = net_.channels_of(features),
                            .height = 1,
                            .width = 1});
      const int pooled = add(convolution("image_pooling", pool, o_.aspp_filters));
      branches.push_back(add(resize("ResizeBilinear", pooled, height, width)));
    }
    branches.push_back(add(convolution("aspp0", features, o_.aspp_filters)));
    int index = 1;
    for (const int rate : o_.atrous_rates) {
      branches.push_back(add_separable("aspp" + std::to_string(index++), features, rate, o_.aspp_filters));
    }
    const int joined = branches.size() == 1 ? branches[0] : add_concat("concat", branches);
    return add(convolution("concat_projection", joined, o_.aspp_filters));
  }

  int add_decoder(int features, int height, int width) {
    const int low =
        add(convolution("decoder/feature_projection0", find_end_point(net_, kLowLevelEndPoint), kLowLevelFilters));
    const int upscaled = add(resize("decoder/ResizeBilinear", features, height, width));
    const int projected = add(resize("decoder/ResizeBilinear_1", low, height, width));
    int x = add_concat("decoder/concat", {upscaled, projected});
    for (int i = 0; i < kDecoderDepth; ++i)
      x = add_separable("decoder/decoder_conv" + std::to_string(i), x, 1, o_.decoder_filters);
    return x;
  }

  const DeepLabOptions& o_;
  Net net_;
};

}  // namespace

int scale_extent(int extent, double scale) { return static_cast<int>((extent - 1.0) * scale + 1.0); }

Net deeplab(const DeepLabOptions& options) { return Builder(options).build(); }

}  // namespace monolite::nets
