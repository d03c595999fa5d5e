#pragma once
// TensorFlow graphs of the kind that vision models are made of, as bytes choose: layers with batch norms, activations
// in all their spellings, branches that are joined, resizes, reshapes. Every graph is a valid one.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "layer_writer.h"

namespace monolite::fuzz {

class RandomGraph : private LayerWriter {
 public:
  RandomGraph(const uint8_t* data, size_t size) : LayerWriter(data, size) {}

  // A placeholder "x", and "out". Layers follow as long as there are bytes.
  tensorflow::Graph make() {
    Values x{"x", {1, 1 + below(12), 1 + below(12), 1 + below(8)}};
    placeholder(x.dims);
    input_ = x.dims;
    values_.push_back(x);
    for (int layer = 0; layer < kMostLayers && has_bytes(); ++layer) {
      const Values made = add_layer(below(4) == 0 ? values_[static_cast<size_t>(below(count()))] : values_.back());
      if (elements(made.dims) <= kMostElements && elements(made.dims) > 0) values_.push_back(made);
    }
    w_.float_node("out", "Identity", {values_.back().name});
    return w_.take();
  }

  const std::vector<int64_t>& input_dims() const { return input_; }

 private:
  struct Values {
    std::string name;
    Dims dims;
  };
  static constexpr int kMostLayers = 12;
  static constexpr int64_t kMostElements = 8192;

  int64_t count() const { return static_cast<int64_t>(values_.size()); }
  Values add_layer(const Values& x) {
    const bool is_map = x.dims.size() == 4;
    switch (below(is_map ? 16 : 8)) {
      case 0:
      case 1:
        return activation(x);
      case 2:
        return with_constant(x);
      case 3:
        return with_other(x);
      case 4:
        return reshape(x);
      case 5:
        return transpose(x);
      case 6:
        return cut(x);
      case 7:
        return reduce(x);
      case 8:
      case 9:
        return convolution(x, false);
      case 10:
        return convolution(x, true);
      case 11:
        return batch_norm(x);
      case 12:
        return pad(x);
      case 13:
        return pool(x);
      case 14:
        return resize(x);
      default:
        return blocks(x);
    }
  }

  // One node, or the several that it is written as in graphs.
  Values activation(const Values& x) {
    static constexpr std::array kOps = {"Relu",     "Relu6", "Abs",  "Neg",      "Sigmoid",  "Tanh",
                                        "Identity", "Elu",   "Selu", "Softplus", "Softsign", "Square"};
    const std::string& in = x.name;
    const auto hard_sigmoid = [&] { return node("Relu6", {node("AddV2", {in, scalar(3)})}); };
    switch (below(8)) {
      case 0:
        return {node("LeakyRelu", {in}, {{"alpha", coin() ? 0.2f : 1.5f}}), x.dims};
      case 1:
        return {node("Mul", {node("Mul", {in, hard_sigmoid()}), scalar(1.0f / 6)}), x.dims};
      case 2:
        return {node("Mul", {in, node("Mul", {hard_sigmoid(), scalar(coin() ? 1.0f / 6 : 0.17f)})}), x.dims};
      case 3:
        return {node("Mul", {in, node("Sigmoid", {in})}), x.dims};
      case 4:
        return {node("Maximum", {node("Minimum", {in, scalar(coin() ? 6 : 1)}), scalar(coin() ? 0 : -1)}), x.dims};
      case 5:
        return {node("Maximum", {in, node("Mul", {in, scalar(coin() ? 0.1f : 2)})}), x.dims};
      default:
        return {node(kOps[static_cast<size_t>(below(kOps.size()))], {in}), x.dims};
    }
  }

  // A constant on either side: one number, one a channel, or as large as the values.
  Values with_constant(const Values& x) {
    static constexpr std::array kOps = {"AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference"};
    const std::string op = kOps[static_cast<size_t>(below(kOps.size()))];
    const Dims dims =
        std::array{Dims{}, Dims{x.dims.empty() ? 1 : x.dims.back()}, x.dims}[static_cast<size_t>(below(3))];
    const bool is_first = op != "RealDiv" && coin();  // nothing is divided by what may be 0
    const std::string c = op == "RealDiv" ? floats(dims, 0.5f, 2) : floats(dims);
    if (op == "AddV2" && dims.size() == 1 && x.dims.size() > 1 && coin()) return {node("BiasAdd", {x.name, c}), x.dims};
    return {is_first ? node(op, {c, x.name}) : node(op, {x.name, c}), x.dims};
  }

  // The last values of the same shape, or the same values once more.
  Values with_other(const Values& x) {
    std::string other = x.name;
    for (const Values& v : values_) {
      if (v.dims == x.dims && v.name != x.name) other = v.name;
    }
    if (coin() && !x.dims.empty()) {
      const auto axis = below(static_cast<int64_t>(x.dims.size()));
      Dims dims = x.dims;
      dims[static_cast<size_t>(axis)] *= 2;
      return {node("ConcatV2", {x.name, other, ints({}, {coin() ? axis : axis - static_cast<int64_t>(dims.size())})},
                   {{"N", int64_t{2}}}),
              dims};
    }
    static constexpr std::array kOps = {"AddV2", "Sub", "Mul", "Maximum", "Minimum"};
    return {node(kOps[static_cast<size_t>(below(kOps.size()))], {x.name, other}), x.dims};
  }

  Values reshape(const Values& x) {
    const int64_t n = elements(x.dims);
    Dims dims;
    switch (below(5)) {
      case 0:
        dims = {n};
        break;
      case 1:
        dims = {1, n};
        break;
      case 2:
        dims = {1, 1, 1, n};
        break;
      case 3:
        dims = {n / x.dims.back(), x.dims.back()};
        break;
      default:
        for (int64_t d : x.dims) dims.insert(dims.begin(), d);
    }
    if (dims.size() > 4) return x;
    Dims written = dims;
    if (coin()) written[0] = -1;
    return {node("Reshape", {x.name, ints({static_cast<int64_t>(dims.size())}, written)}), dims};
  }

  Values transpose(const Values& x) {
    const auto rank = static_cast<int64_t>(x.dims.size());
    if (rank < 2) return x;
    Dims order;
    for (int64_t i = 0; i < rank; ++i) order.push_back(i);
    for (int64_t i = 0; i < 2; ++i)
      std::swap(order[static_cast<size_t>(below(rank))], order[static_cast<size_t>(below(rank))]);
    Dims dims;
    for (const int64_t i : order) dims.push_back(x.dims[static_cast<size_t>(i)]);
    return {node("Transpose", {x.name, ints({rank}, order)}), dims};
  }

  // A part of one axis.
  Values cut(const Values& x) {
    const auto rank = static_cast<int64_t>(x.dims.size());
    if (rank == 0) return x;
    const auto axis = static_cast<size_t>(below(rank));
    const int64_t extent = x.dims[axis], from = below(extent), size = 1 + below(extent - from);
    Dims begin(x.dims.size()), end = x.dims, dims = x.dims;
    switch (below(4)) {
      case 0: {
        if (extent % 2 != 0) return x;
        dims[axis] /= 2;
        const std::string split = name("Split");
        w_.float_node(split, "Split", {ints({}, {static_cast<int64_t>(axis)}), x.name}, {{"num_split", int64_t{2}}});
        return {coin() ? split + ":1" : split, dims};
      }
      case 1: {
        begin[axis] = from;
        end[axis] = dims[axis] = size;
        if (const bool is_open = coin(); is_open && from + size == extent) end[axis] = -1;
        return {node("Slice", {x.name, ints({rank}, begin), ints({rank}, end)}), dims};
      }
      case 2: {
        begin[axis] = from;
        end[axis] = from + size;
        const int64_t step = 1 + below(2);
        Dims steps(x.dims.size(), 1);
        steps[axis] = step;
        dims[axis] = (size + step - 1) / step;
        return {node("StridedSlice", {x.name, ints({rank}, begin), ints({rank}, end), ints({rank}, steps)}), dims};
      }
      default:
        return {node("ReverseV2", {x.name, ints({1}, {static_cast<int64_t>(axis)})}), x.dims};
    }
  }

  Values reduce(const Values& x) {
    static constexpr std::array kOps = {"Mean", "Sum", "Max", "Min"};
    const auto rank = static_cast<int64_t>(x.dims.size());
    if (rank < 2) return x;
    if (below(3) == 0) return {node(coin() ? "Softmax" : "LogSoftmax", {x.name}), x.dims};
    Dims axes = rank == 4 && coin() ? Dims{1, 2} : Dims{below(rank)};
    const bool keeps = coin();
    Dims dims;
    for (int64_t i = 0; i < rank; ++i) {
      const bool goes = std::find(axes.begin(), axes.end(), i) != axes.end();
      if (!goes || keeps) dims.push_back(goes ? 1 : x.dims[static_cast<size_t>(i)]);
    }
    return {node(kOps[static_cast<size_t>(below(kOps.size()))],
                 {x.name, ints({static_cast<int64_t>(axes.size())}, axes)}, {{"keep_dims", keeps}}),
            dims};
  }

  // The extent that windows leave, or 0.
  static int64_t windows(int64_t in, int64_t size, int64_t stride, int64_t dilation, bool is_same) {
    const int64_t reach = (size - 1) * dilation + 1;
    if (is_same) return (in + stride - 1) / stride;
    return in < reach ? 0 : (in - reach) / stride + 1;
  }

  Values convolution(const Values& x, bool is_depthwise) {
    const int64_t size = 1 + below(3), channels = x.dims[3], out = 1 + below(9), times = 1 + below(2);
    const bool is_same = coin();
    const int64_t stride = 1 + below(2), dilation = stride == 1 ? 1 + below(2) : 1;
    const Dims dims = {x.dims[0], windows(x.dims[1], size, stride, dilation, is_same),
                       windows(x.dims[2], size, stride, dilation, is_same), is_depthwise ? channels * times : out};
    if (dims[1] == 0 || dims[2] == 0) return x;
    const std::string filter = floats({size, size, channels, is_depthwise ? times : out}, -0.5f, 0.5f);
    return {node(is_depthwise ? "DepthwiseConv2dNative" : "Conv2D", {x.name, filter},
                 {{"strides", Dims{1, stride, stride, 1}},
                  {"dilations", Dims{1, dilation, dilation, 1}},
                  {"padding", std::string(is_same ? "SAME" : "VALID")}}),
            dims};
  }

  Values batch_norm(const Values& x) {
    const Dims channels = {x.dims[3]};
    const std::string norm = name("bn");
    w_.float_node(norm, "FusedBatchNormV3",
                  {x.name, floats(channels), floats(channels), floats(channels), floats(channels, 0.5f, 2)},
                  {{"epsilon", 0.001f}, {"is_training", false}});
    return {norm, x.dims};
  }

  Values pad(const Values& x) {
    Dims pads(8), dims = x.dims;
    for (size_t i = 2; i < 6; ++i) {
      pads[i] = below(3);
      dims[i / 2] += pads[i];
    }
    const std::string amounts = ints({4, 2}, pads);
    if (below(3) == 0) return {node("PadV2", {x.name, amounts, scalar(coin() ? 0.0f : 0.7f)}), dims};
    for (size_t i = 1; i < 3; ++i) {
      if (pads[2 * i] >= x.dims[i] || pads[2 * i + 1] >= x.dims[i]) return {node("Pad", {x.name, amounts}), dims};
    }
    if (coin()) return {node("Pad", {x.name, amounts}), dims};
    return {node("MirrorPad", {x.name, amounts}, {{"mode", std::string(coin() ? "REFLECT" : "SYMMETRIC")}}), dims};
  }

  Values pool(const Values& x) {
    const int64_t height = 1 + below(x.dims[1]), width = 1 + below(x.dims[2]), stride = 1 + below(2);
    const bool is_same = coin();
    const Dims dims = {x.dims[0], windows(x.dims[1], height, stride, 1, is_same),
                       windows(x.dims[2], width, stride, 1, is_same), x.dims[3]};
    return {node(coin() ? "AvgPool" : "MaxPool", {x.name},
                 {{"ksize", Dims{1, height, width, 1}},
                  {"strides", Dims{1, stride, stride, 1}},
                  {"padding", std::string(is_same ? "SAME" : "VALID")}}),
            dims};
  }

  Values resize(const Values& x) {
    const Dims size = {1 + below(16), 1 + below(16)};
    const bool aligns = below(3) == 0, is_half = !aligns && coin();
    return {node(coin() ? "ResizeBilinear" : "ResizeNearestNeighbor", {x.name, ints({2}, size)},
                 {{"align_corners", aligns}, {"half_pixel_centers", is_half}}),
            {x.dims[0], size[0], size[1], x.dims[3]}};
  }

  // Blocks of pixels as channels or batches; a dilated convolution as old graphs spell it.
  Values blocks(const Values& x) {
    const int64_t even = x.dims[1] % 2 == 0 && x.dims[2] % 2 == 0 ? 1 : 0;
    switch (below(3)) {
      case 0:
        if (even == 0) return x;
        return {node("SpaceToDepth", {x.name}, {{"block_size", int64_t{2}}}),
                {x.dims[0], x.dims[1] / 2, x.dims[2] / 2, x.dims[3] * 4}};
      case 1:
        if (x.dims[3] % 4 != 0) return x;
        return {node("DepthToSpace", {x.name}, {{"block_size", int64_t{2}}}),
                {x.dims[0], x.dims[1] * 2, x.dims[2] * 2, x.dims[3] / 4}};
      default: {
        if (even == 0 || x.dims[0] != 1) return x;
        const std::string block = ints({2}, {2, 2});
        const std::string before = node("SpaceToBatchND", {x.name, block, ints({2, 2}, {2, 2, 2, 2})});
        const std::string conv = node("DepthwiseConv2dNative", {before, floats({3, 3, x.dims[3], 1}, -0.5f, 0.5f)},
                                      {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("VALID")}});
        return {node("BatchToSpaceND", {conv, block, ints({2, 2}, {0, 0, 0, 0})}), x.dims};
      }
    }
  }

  std::vector<Values> values_;
  Dims input_;
};

}  // namespace monolite::fuzz
