#pragma once
// The matrix product of an 8-bit convolution: its packed weights and what its kernel is told each time.

#include "kernels/gemm_q8/packed_q8.h"
#include "runtime/convolution_q8.h"

namespace monolite::runtime {

class MatrixQ8 {
 public:
  MatrixQ8(const kernels::GemmQ8Kernel& kernel, const ConvolutionQ8& c, int segments, int64_t elements)
      : kernel_(kernel),
        flip_(c.flip),
        output_(c.output),
        channels_(static_cast<int>(c.multipliers.size())),
        packed_(packed(kernel, c, std::span<const Multiplier>(c.multipliers), segments, elements)) {}

  // For results that are rounded once; `c` has no multipliers then.
  MatrixQ8(const kernels::GemmQ8Kernel& kernel, const ConvolutionQ8& c, std::span<const kernels::RoundedOnceQ8> scales,
           int64_t elements)
      : kernel_(kernel),
        flip_(c.flip),
        output_(c.output),
        channels_(static_cast<int>(scales.size())),
        packed_(packed(kernel, c, scales, 1, elements)) {}

  int channels() const { return channels_; }

  // out[rows][channels], of rows that lie row_stride bytes apart in each segment.
  void multiply(const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) const {
    kernels::GemmQ8Args args{};
    args.segments = segments;
    args.segment_count = count;
    args.groups = packed_.groups();
    args.row_stride = row_stride;
    args.rows = rows;
    args.flip = flip_;
    args.out_stride = channels_;
    args.output = output_;
    for (const kernels::PanelQ8& panel : packed_.panels()) {
      args.out = out + panel.first_channel;
      kernel_.run(panel, args);
    }
  }

 private:
  template <class Scale>
  static kernels::PackedQ8 packed(const kernels::GemmQ8Kernel& kernel, const ConvolutionQ8& c,
                                  std::span<const Scale> scales, int segments, int64_t elements_of_segment) {
    const auto channels = static_cast<int>(scales.size()), elements = static_cast<int>(elements_of_segment);
    return c.packed_by(
        [&](std::span<const std::byte> bytes) {
          return kernels::PackedQ8::from_stored(bytes, kernel, channels, segments, elements);
        },
        [&] {
          return kernels::PackedQ8(kernel, c.weights, channels, segments, elements, c.bias, c.input_zero_point, scales,
                                   c.output);
        },
        [&](const kernels::PackedQ8& made) { return made.stored(kernel, segments, elements); }, kernels::PackedQ8());
  }

  const kernels::GemmQ8Kernel& kernel_;
  uint8_t flip_;
  kernels::OutputQ8 output_;
  int channels_;
  kernels::PackedQ8 packed_;
};

}  // namespace monolite::runtime
