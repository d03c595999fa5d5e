#pragma once
// Nets with trained ranges as bytes choose: filters and activations behind FakeQuant nodes where quantization-aware
// training puts them, and between them what hands values on.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "layer_writer.h"

namespace monolite::fuzz {

class RandomTrainedNet : private LayerWriter {
 public:
  RandomTrainedNet(const uint8_t* data, size_t size) : LayerWriter(data, size) {}

  // A placeholder "x" of -1 to 1, and "out". Layers follow as long as there are bytes.
  tensorflow::Graph make() {
    input_ = {1, 1 + below(10), 1 + below(10), 1 + below(8)};
    values_.push_back({ranged(placeholder(input_), -1, kInputMost), input_});
    for (int layer = 0; layer < kMostLayers && has_bytes(); ++layer) {
      const Values x = below(3) == 0 ? values_[static_cast<size_t>(below(count()))] : values_.back();
      values_.push_back(add_layer(x));
    }
    w_.float_node("out", "Identity", {values_.back().name});
    return w_.take();
  }

  const std::vector<int64_t>& input_dims() const { return input_; }

  // What a byte at the input stands for: real = (byte - mean) / std_dev.
  static constexpr double kMean = 128, kStdDev = 128;

 private:
  struct Values {
    std::string name;
    Dims dims;
  };
  static constexpr int kMostLayers = 10;
  static constexpr double kInputMost = 127 / kStdDev;

  int64_t count() const { return static_cast<int64_t>(values_.size()); }

  std::string ranged(const std::string& x, double least, double most, bool is_narrow = false) {
    return node("FakeQuantWithMinMaxVars", {x, scalar(static_cast<float>(least)), scalar(static_cast<float>(most))},
                {{"narrow_range", is_narrow}, {"num_bits", int64_t{8}}});
  }
  // Ranges that training may have found: of a result, which is cut a little, and of values that are handed on or
  // joined, whose own ranges these cover.
  std::string trained(const std::string& x) {
    static constexpr std::array<std::array<double, 2>, 4> kRanges = {{{-1, 1}, {-2.1, 1.9}, {-0.7, 3}, {-4, 2.2}}};
    const auto& [least, most] = kRanges[static_cast<size_t>(below(kRanges.size()))];
    return ranged(x, least, most);
  }
  Values handed_on(const std::string& name, const Dims& dims) {
    return {coin() ? ranged(name, -4, coin() ? 6 : 7) : name, dims};
  }
  // Of what ends at 1, whose kernels insist on a range of their own.
  Values bounded(const std::string& name, double least, const Dims& dims) {
    return {coin() ? ranged(name, least, 0.99) : name, dims};
  }

  Values add_layer(const Values& x) {
    const bool is_map = x.dims.size() == 4;
    switch (below(is_map ? 14 : 7)) {
      case 0:
        return function(x);
      case 1:
        return with_other(x);
      case 2:
        return with_constant(x);
      case 3:
        return reshape(x);
      case 4:
        return cut(x);
      case 5:
      case 6:
        return is_map ? convolution(x, true) : dense(x);
      case 7:
        return pool(x);
      case 8:
        return resize(x);
      case 9:
        return mean(x);
      case 10:
        return pad(x);
      default:
        return convolution(x, false);
    }
  }

  // Bias or batch norm, activation, range: what follows a product.
  std::string finished(std::string y, int64_t channels, bool is_map) {
    if (is_map && below(5) == 0) {
      const std::string norm = name("bn");
      w_.float_node(norm, "FusedBatchNormV3",
                    {y, floats({channels}, 0.5f, 1), floats({channels}), floats({channels}, -0.5f, 0.5f),
                     floats({channels}, 0.5f, 2)},
                    {{"epsilon", 0.001f}, {"is_training", false}});
      y = norm;
    } else if (coin()) {
      y = node("BiasAdd", {y, floats({channels})});
    }
    switch (below(5)) {
      case 0:
        return ranged(node("Relu6", {y}), 0, coin() ? 6 : 2.5);
      case 1:
        return ranged(node("Relu", {y}), 0, 3);
      case 2:
        return node("Relu6", {y});  // its ends are a range
      default:
        return trained(y);
    }
  }

  // Filters whose sums are no larger, most times, than what they add: errors do not grow from layer to layer.
  std::string filter(const Dims& dims, int64_t terms) {
    const float most = 1.2f / std::sqrt(static_cast<float>(terms));
    return ranged(floats(dims, -most, most), -most, most, true);
  }

  Values convolution(const Values& x, bool is_depthwise) {
    const int64_t size = 1 + 2 * below(2), channels = x.dims[3], out = 1 + below(9), times = 1 + below(2);
    const int64_t stride = 1 + below(2), dilation = stride == 1 ? 1 + below(2) : 1;
    const Dims dims = {x.dims[0], (x.dims[1] + stride - 1) / stride, (x.dims[2] + stride - 1) / stride,
                       is_depthwise ? channels * times : out};
    if (dims[3] > 64) return x;
    const std::string w =
        filter({size, size, channels, is_depthwise ? times : out}, size * size * (is_depthwise ? 1 : channels));
    const std::string y = node(is_depthwise ? "DepthwiseConv2dNative" : "Conv2D", {x.name, w},
                               {{"strides", Dims{1, stride, stride, 1}},
                                {"dilations", Dims{1, dilation, dilation, 1}},
                                {"padding", std::string("SAME")}});
    return {finished(y, dims[3], true), dims};
  }

  Values dense(const Values& x) {
    if (x.dims.size() != 2) return x;
    const int64_t out = 1 + below(9);
    const std::string y = node("MatMul", {x.name, filter({x.dims[1], out}, x.dims[1])});
    return {finished(y, out, false), {x.dims[0], out}};
  }

  Values function(const Values& x) {
    switch (below(8)) {
      case 0:
        return bounded(node("Sigmoid", {x.name}), 0, x.dims);
      case 1:
        return bounded(node("Tanh", {x.name}), -1, x.dims);
      case 2:
        return bounded(node("Softmax", {x.name}), 0, x.dims);
      case 3:
        return {trained(node("LeakyRelu", {x.name}, {{"alpha", 0.2f}})), x.dims};
      case 4: {
        const std::string inner = node("Relu6", {node("AddV2", {x.name, scalar(3)})});
        return {trained(node("Mul", {node("Mul", {x.name, inner}), scalar(1.0f / 6)})), x.dims};
      }
      case 5:
        return {trained(node("Abs", {x.name})), x.dims};
      default:
        return {ranged(node(coin() ? "Relu" : "Relu6", {x.name}), 0, 6), x.dims};
    }
  }

  // With the last other values of the same shape. What is multiplied is a gate: so errors do not grow from layer to
  // layer.
  Values with_other(const Values& x) {
    std::string other;
    for (const Values& v : values_) {
      if (v.dims == x.dims && v.name != x.name) other = v.name;
    }
    if (other.empty()) return function(x);
    Dims dims = x.dims;
    switch (below(4)) {
      case 0: {
        const auto last = static_cast<int64_t>(dims.size()) - 1;
        if (dims.back() > 32) return x;
        dims.back() *= 2;
        return handed_on(node("ConcatV2", {x.name, other, ints({}, {coin() ? last : -1})}, {{"N", int64_t{2}}}), dims);
      }
      case 1:
        return {trained(node(coin() ? "Maximum" : "Minimum", {x.name, other})), dims};
      case 2:
        return {trained(node("Mul", {x.name, bounded(node("Sigmoid", {other}), 0, dims).name})), dims};
      default: {
        const std::string y = node(coin() ? "AddV2" : "Sub", {x.name, other});
        return {trained(coin() ? node("Relu", {y}) : y), dims};
      }
    }
  }

  Values with_constant(const Values& x) {
    static constexpr std::array kOps = {"AddV2", "Sub", "Mul"};
    const std::string c = floats(coin() ? Dims{} : Dims{x.dims.back()}, 0.2f, 1.2f);
    return {trained(node(kOps[static_cast<size_t>(below(kOps.size()))], {x.name, c})), x.dims};
  }

  Values reshape(const Values& x) {
    const int64_t n = elements(x.dims), last = x.dims.back();
    const Dims dims = std::array{Dims{1, n}, Dims{1, 1, 1, n}, Dims{n / last, last}}[static_cast<size_t>(below(3))];
    if (dims.back() > 512) return x;
    return {node("Reshape", {x.name, ints({static_cast<int64_t>(dims.size())}, dims)}), dims};
  }

  Values cut(const Values& x) {
    const auto rank = static_cast<int64_t>(x.dims.size());
    const auto axis = static_cast<size_t>(below(rank));
    const int64_t from = below(x.dims[axis]), size = 1 + below(x.dims[axis] - from);
    Dims begin(x.dims.size()), dims = x.dims;
    begin[axis] = from;
    dims[axis] = size;
    return handed_on(node("Slice", {x.name, ints({rank}, begin), ints({rank}, dims)}), dims);
  }

  Values pool(const Values& x) {
    const int64_t side = 1 + below(3), stride = 1 + below(2);
    const Dims dims = {x.dims[0], (x.dims[1] + stride - 1) / stride, (x.dims[2] + stride - 1) / stride, x.dims[3]};
    return handed_on(node(coin() ? "AvgPool" : "MaxPool", {x.name},
                          {{"ksize", Dims{1, side, side, 1}},
                           {"strides", Dims{1, stride, stride, 1}},
                           {"padding", std::string("SAME")}}),
                     dims);
  }

  Values resize(const Values& x) {
    const Dims size = {1 + below(12), 1 + below(12)};
    const bool aligns = below(3) == 0, is_half = !aligns && coin();
    return handed_on(node(coin() ? "ResizeBilinear" : "ResizeNearestNeighbor", {x.name, ints({2}, size)},
                          {{"align_corners", aligns}, {"half_pixel_centers", is_half}}),
                     {x.dims[0], size[0], size[1], x.dims[3]});
  }

  Values mean(const Values& x) {
    const bool keeps = coin();
    return handed_on(node("Mean", {x.name, ints({2}, {1, 2})}, {{"keep_dims", keeps}}),
                     keeps ? Dims{x.dims[0], 1, 1, x.dims[3]} : Dims{x.dims[0], x.dims[3]});
  }

  Values pad(const Values& x) {
    Dims pads(8), dims = x.dims;
    for (size_t i = 2; i < 6; ++i) {
      pads[i] = below(3);
      dims[i / 2] += pads[i];
    }
    return handed_on(node("Pad", {x.name, ints({4, 2}, pads)}), dims);
  }

  std::vector<Values> values_;
  Dims input_;
};

}  // namespace monolite::fuzz
