#pragma once
// The matrix product of a float32 CONV_2D or FULLY_CONNECTED: its packed weights and what its kernel is told each time.

#include <optional>
#include <vector>

#include "kernels/gemm_f32/packed_f32.h"
#include "runtime/conv_windows.h"
#include "runtime/ending_f32.h"
#include "runtime/fused_activation.h"

namespace monolite::runtime {

class MatrixF32 {
 public:
  // Of a node that is_product_f32(); with what ends it.
  MatrixF32(const kernels::GemmF32Kernel& kernel, const ops::NodeView& n, std::optional<EndingF32> ending = {})
      : kernel_(kernel),
        ending_(std::move(ending)),
        range_(ending_ ? ending_->range() : ops::float_range(fused_activation(n))),
        channels_(n.shape(kWeights)[0]),
        depth_(n.shape(kWeights).elements() / channels_),
        packed_(kernel, {n.data<float>(kWeights), static_cast<size_t>(depth_ * channels_)}, static_cast<int>(channels_),
                depth_,
                n.has_input(kBias) ? std::span(n.data<float>(kBias), static_cast<size_t>(channels_))
                                   : std::span<const float>()) {}

  int64_t channels() const { return channels_; }
  int64_t depth() const { return depth_; }  // elements of a row
  const std::vector<kernels::PanelF32>& panels() const { return packed_.panels(); }

  void bind(std::span<const ops::TensorState> tensors) {
    if (ending_) ending_->bind(tensors);
  }

  // out[rows][channels], of rows that lie row_stride elements apart in each of `count` segments.
  void multiply(const float* const* segments, int count, int64_t row_stride, int64_t rows, float* out) const {
    for (const kernels::PanelF32& panel : panels()) {
      multiply(panel, segments, count, row_stride, rows, out + panel.first_channel, channels_);
    }
  }

  // Of a panel's channels alone: out[rows][panel.channels], rows out_stride elements apart.
  void multiply(const kernels::PanelF32& panel, const float* const* segments, int count, int64_t row_stride,
                int64_t rows, float* out, int64_t out_stride) const {
    const auto elements = static_cast<int>(depth_ / count);
    kernels::GemmF32Args args{segments, count, elements, row_stride, rows, out, out_stride, range_.least, range_.most};
    if (ending_) ending_->set(args, panel.first_channel);
    kernel_.run(panel, args);
  }

  // As multiply(), told in bytes as ConvWindows does.
  void multiply_bytes(const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) const {
    const float* starts[ConvWindows::kMostSegments];
    for (int s = 0; s < count; ++s) starts[s] = reinterpret_cast<const float*>(segments[s]);
    multiply(starts, count, row_stride / static_cast<int64_t>(sizeof(float)), rows, reinterpret_cast<float*>(out));
  }

 private:
  static constexpr int kWeights = 1, kBias = 2;

  const kernels::GemmF32Kernel& kernel_;
  std::optional<EndingF32> ending_;
  ops::Range<float> range_;
  int64_t channels_, depth_;
  kernels::PackedF32 packed_;
};

}  // namespace monolite::runtime
