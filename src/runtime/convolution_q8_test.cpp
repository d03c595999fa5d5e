// CONV_2D and DEPTHWISE_CONV_2D on 8-bit numbers: the bits of the reference backend, for windows of all kinds.

#include "runtime/convolution_q8.h"

#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

struct Window {
  int size_y, size_x, stride, dilation;
  ops::Padding padding;
};

const Window kWindows[] = {
    {1, 1, 1, 1, ops::Padding::same},  {1, 1, 2, 1, ops::Padding::valid}, {3, 3, 1, 1, ops::Padding::same},
    {3, 3, 2, 1, ops::Padding::same},  {3, 3, 1, 2, ops::Padding::same},  {3, 3, 1, 1, ops::Padding::valid},
    {5, 5, 2, 1, ops::Padding::same},  {1, 3, 1, 3, ops::Padding::same},  {3, 1, 3, 1, ops::Padding::same},
    {2, 2, 2, 1, ops::Padding::valid},
};

class Maker {
 public:
  Maker(Shape in, bool is_signed, uint32_t seed) : random_(seed), is_signed_(is_signed), in_(std::move(in)) {
    type_ = is_signed ? DType::int8 : DType::uint8;
    x_ = builder_.input("x", type_, in_, per_tensor(0.05f, uniform(-20, 20) + offset()));
  }

  // Instead of what suits the sums.
  Maker& output(float scale, int zero_point) {
    output_scale_ = scale;
    output_zero_point_ = zero_point;
    return *this;
  }

  Model conv(const Window& w, int channels, ops::Activation activation) {
    const auto f = weights({channels, w.size_y, w.size_x, in_[3]}, channels, 0);
    const auto y = output(activation);
    builder_.node(OpCode::CONV_2D, {x_, f, bias(channels)}, {y}, "Conv2DOptions",
                  ops::Conv2D{w.padding, w.stride, w.stride, activation, w.dilation, w.dilation});
    builder_.output(y);
    return std::move(model_);
  }

  Model depthwise(const Window& w, ops::Activation activation) {
    const auto f = weights({1, w.size_y, w.size_x, in_[3]}, in_[3], 3);
    const auto y = output(activation);
    builder_.node(OpCode::DEPTHWISE_CONV_2D, {x_, f, bias(in_[3])}, {y}, "DepthwiseConv2DOptions",
                  ops::DepthwiseConv2D{w.padding, w.stride, w.stride, 1, activation, w.dilation, w.dilation});
    builder_.output(y);
    return std::move(model_);
  }

 private:
  int uniform(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  int offset() const { return is_signed_ ? 0 : 128; }

  TensorId weights(const Shape& shape, int channels, int dimension) {
    Quantization q = per_tensor(0.01f, is_signed_ ? 0 : uniform(90, 160));
    if (is_signed_) {
      q.scale.clear();
      q.zero_point.assign(static_cast<size_t>(channels), 0);
      for (int c = 0; c < channels; ++c) q.scale.push_back(0.002f * static_cast<float>(uniform(1, 9)));
      q.scale[0] = 1e-9f;  // a dead channel
      q.dimension = dimension;
    }
    std::vector<uint8_t> values(static_cast<size_t>(shape.elements()));
    for (uint8_t& v : values) v = static_cast<uint8_t>(random_());
    return builder_.constant("f", type_, shape, Buffer::of(std::move(values)), q);
  }
  TensorId bias(int channels) {
    std::vector<int32_t> values;
    for (int c = 0; c < channels; ++c) values.push_back(uniform(-3000, 3000));
    return builder_.constant<int32_t>("b", {channels}, std::move(values));
  }
  TensorId output(ops::Activation activation) {
    const bool clamped = activation == ops::Activation::relu6;
    return builder_.tensor(
        "y", type_, {},
        per_tensor(clamped ? 6.0f / 255 : output_scale_, clamped ? offset() - 128 : offset() + output_zero_point_));
  }

  std::mt19937 random_;
  bool is_signed_;
  float output_scale_ = 0.4f;
  int output_zero_point_ = 3;
  Shape in_;
  DType type_;
  Model model_{.graphs = std::vector<Graph>(1)};
  GraphBuilder builder_{model_.graphs[0]};
  TensorId x_;
};

TEST(ConvolutionQ8, Conv2DHasTheReferencesBits) {
  uint32_t seed = 0;
  for (const Window& w : kWindows) {
    for (const bool is_signed : {false, true}) {
      for (const auto activation : {ops::Activation::none, ops::Activation::relu6}) {
        for (const Shape& in : {Shape{1, 9, 21, 3}, Shape{2, 7, 6, 20}, Shape{1, 5, 201, 3}, Shape{2, 4, 200, 5}}) {
          testing::expect_same_bits(Maker(in, is_signed, ++seed).conv(w, 37, activation), "gemm_q8");
        }
      }
    }
  }
}

TEST(ConvolutionQ8, DepthwiseHasTheReferencesBits) {
  uint32_t seed = 0;
  for (const Window& w : kWindows) {
    for (const bool is_signed : {false, true}) {
      for (const auto activation : {ops::Activation::none, ops::Activation::relu6}) {
        for (const Shape& in : {Shape{1, 9, 38, 24}, Shape{2, 7, 6, 80}}) {
          testing::expect_same_bits(Maker(in, is_signed, ++seed).depthwise(w, activation), "depthwise_q8");
        }
      }
    }
  }
}

// Scales that no trained layer has: results near the ends of 32 bits, and far past them, where the reference wraps.
TEST(ConvolutionQ8, HasTheReferencesBitsAtTheEndsOf32Bits) {
  const Window w{3, 3, 1, 1, ops::Padding::same};
  for (const bool is_signed : {false, true}) {
    for (const float scale : {2e-6f, 1e-6f, 5e-7f, 2e-7f, 1e-7f, 1e-9f, 1e-13f, 1e-40f}) {
      for (const int zero_point : {-28, 28}) {
        const auto maker = [&] { return std::move(Maker({1, 7, 6, 20}, is_signed, 1).output(scale, zero_point)); };
        testing::expect_same_bits(maker().conv(w, 37, ops::Activation::none), "");
        testing::expect_same_bits(maker().depthwise(w, ops::Activation::none), "");
      }
    }
  }
}

}  // namespace
}  // namespace monolite::runtime
