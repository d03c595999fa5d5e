#pragma once
// Which kernel of the family to take, and a layer's weights packed for it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/fixed_point.h"
#include "kernels/depthwise_q8/depthwise_q8.h"
#include "kernels/requantize_q8_table.h"
#include "kernels/weights_q8.h"

namespace monolite::kernels {

std::span<const DepthwiseQ8Kernel> depthwise_q8_kernels();  // best first
const DepthwiseQ8Kernel& select_depthwise_q8(Isa have);

class PackedDepthwiseQ8 {
 public:
  // weights [height][width][channels]. input_zero_point is the unsigned one.
  PackedDepthwiseQ8(const DepthwiseQ8Kernel& kernel, const WeightsQ8& weights, int height, int width, int channels,
                    std::span<const int32_t> bias, int32_t input_zero_point, std::span<const Multiplier> multipliers,
                    const OutputQ8& output);

  // As bytes to keep, and from them: the bytes must lie as stored.h says, and stay. Nothing where they are not what
  // this kernel packs of such a layer.
  std::vector<std::byte> stored() const;
  static std::optional<PackedDepthwiseQ8> from_stored(std::span<const std::byte> bytes, const DepthwiseQ8Kernel& kernel,
                                                      int height, int width, int channels);
  // Of a layer without blocks.
  PackedDepthwiseQ8(const DepthwiseQ8Kernel& kernel, int height, int width, int channels);

  const std::vector<DepthwiseBlockQ8>& blocks() const { return blocks_; }
  int row_groups() const { return row_groups_; }
  // That a kernel can compute at once from the same rows.
  int output_rows() const { return height_ % kRowGroup != 0 ? 2 : 1; }
  int64_t size_bytes() const;

 private:
  struct Start {
    size_t line, extra_line, extra;
  };
  int weight(int channel, int ky, int kx) const;
  Start pack_weights(DepthwiseBlockQ8& block, int row, bool fits);
  bool set_requantization(DepthwiseBlockQ8& block, std::span<const int32_t> bias, int32_t input_zero_point,
                          std::span<const Multiplier> multipliers, const OutputQ8& output, EndingOfQ8& ending);

  const DepthwiseQ8Kernel& kernel_;
  WeightsQ8 weights_;  // while packing
  int height_, width_, channels_;
  int row_groups_;
  std::vector<DepthwiseBlockQ8> blocks_;
  struct alignas(64) Line {
    int8_t bytes[64];
  };
  std::vector<Line> lines_;
  std::vector<RequantizeQ8> requantize_;
  std::vector<ExtraTapQ8> extra_;
};

}  // namespace monolite::kernels
