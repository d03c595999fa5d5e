#pragma once
// A network as data: layers in the order in which they run, named as slim names their variables.

#include <cstdint>
#include <string>
#include <vector>

namespace monolite::nets {

enum class LayerKind { convolution, depthwise, add, average_pool, resize, concat };
enum class Activation { none, relu, relu6 };

struct Layer {
  LayerKind kind = LayerKind::convolution;
  std::string name;                         // scope of the variables of a convolution, else the node's name
  std::vector<int> inputs;                  // indices of layers before; kNetInput
  int channels = 0, height = 0, width = 0;  // of the output
  // convolution, depthwise; kernel also: average_pool over all of its input
  int kernel = 1, stride = 1, rate = 1;
  float batch_norm_epsilon = 0;  // 0: a bias instead of a batch norm
  Activation activation = Activation::none;
  std::string end_point;  // a name that the output has besides, or ""
  // Where quantization-aware training watches the sum of an ADD.
  std::string range_scope;
};

inline constexpr int kNetInput = -1;

struct Net {
  int input_height = 0, input_width = 0, input_channels = 3;
  std::string input_name;  // of the picture, scaled to -1..1
  std::vector<Layer> layers;

  const Layer& back() const { return layers.back(); }
  int channels_of(int layer) const { return layer == kNetInput ? input_channels : at(layer).channels; }
  int height_of(int layer) const { return layer == kNetInput ? input_height : at(layer).height; }
  int width_of(int layer) const { return layer == kNetInput ? input_width : at(layer).width; }
  const Layer& at(int layer) const { return layers[static_cast<size_t>(layer)]; }
};

// Index of the layer with that end point, or kNetInput.
int find_end_point(const Net& net, const std::string& name);

struct VariableSpec {
  std::string name;
  std::vector<int64_t> dims;
};

// The name of a convolution's filter: "SCOPE/weights" or "SCOPE/depthwise_weights".
std::string filter_name(const Layer& layer);

// The variables of one layer, filter first, in TensorFlow's shapes. With `ranges`, those of quantization-aware training
// too; `per_channel`: a filter has one for each output channel.
std::vector<VariableSpec> variables(const Net& net, const Layer& layer, bool ranges, bool per_channel = false);

// SAME padding: ceil(extent / stride).
inline int same_extent(int extent, int stride) { return (extent + stride - 1) / stride; }

// The nearest multiple of `divisor` that is at least `least` and not more than a tenth below `value`.
int make_divisible(double value, int divisor, int least);

}  // namespace monolite::nets
