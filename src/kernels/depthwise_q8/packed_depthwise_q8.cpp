#include "kernels/depthwise_q8/packed_depthwise_q8.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {

#define KERNEL(needs, function, order) void function(const DepthwiseBlockQ8&, const DepthwiseQ8Args&);
#include "kernels/depthwise_q8/kernels.inc"
#undef KERNEL

std::span<const DepthwiseQ8Kernel> depthwise_q8_kernels() {
  static constexpr DepthwiseQ8Kernel kTable[] = {
#define KERNEL(needs, function, order) {needs, #function, function, order},
#include "kernels/depthwise_q8/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const DepthwiseQ8Kernel& select_depthwise_q8(Isa have) {
  for (const DepthwiseQ8Kernel& k : depthwise_q8_kernels()) {
    if (covers(have, k.needs)) return k;
  }
  std::abort();  // the list ends with Isa::none
}

namespace {

constexpr int kLanes = 16;

// As much of a weight as 8 bits hold; the rest goes into further sets.
int8_t fitting(int w) { return static_cast<int8_t>(std::clamp(w, -128, 127)); }

}  // namespace

PackedDepthwiseQ8::PackedDepthwiseQ8(const DepthwiseQ8Kernel& kernel, std::span<const int16_t> weights, int height,
                                     int width, int channels, std::span<const int32_t> bias, int32_t input_zero_point,
                                     std::span<const Multiplier> multipliers, const OutputQ8& output)
    : row_groups_((height + kRowGroup - 1) / kRowGroup) {
  requantize_.resize(static_cast<size_t>((channels + kLanes - 1) / kLanes));
  const auto weight = [&](int c, int ky, int kx) -> int {
    return c < channels && ky < height ? weights[static_cast<size_t>((ky * width + kx) * channels + c)] : 0;
  };
  std::vector<size_t> starts;
  for (int first = 0; first < channels; first += kDepthwiseChannels) {
    DepthwiseBlockQ8 block{};
    block.first_channel = first;
    block.channels = std::min(channels - first, kDepthwiseChannels);
    block.vectors = (block.channels + kLanes - 1) / kLanes;
    starts.push_back(lines_.size());
    int most = 0;  // of what is left of the weights
    do {
      most = 0;
      for (int kx = 0; kx < width; ++kx) {
        for (int g = 0; g < row_groups_; ++g) {
          for (int v = 0; v < block.vectors; ++v) {
            Line line{};
            for (int i = 0; i < kLanes * kRowGroup; ++i) {
              int w =
                  weight(first + kernel.channel(block.vectors, v, i / kRowGroup), g * kRowGroup + i % kRowGroup, kx);
              for (int set = 0; set < block.sets; ++set) w -= fitting(w);
              line.bytes[i] = fitting(w);
              most = std::max(most, std::abs(w - line.bytes[i]));
            }
            lines_.push_back(line);
          }
        }
      }
      ++block.sets;
    } while (most > 0);
    EndingOfQ8 ending;
    for (int v = 0; v < block.vectors; ++v) {
      for (int lane = 0; lane < kLanes; ++lane) {
        RequantizeQ8& r = requantize_[static_cast<size_t>(first / kLanes + v)];
        const int c = first + kernel.channel(block.vectors, v, lane);
        if (c >= channels) {
          set_requantize_q8(r, lane, 0, {0, -1}, output.zero_point);
          continue;
        }
        int32_t sum = 0;
        int64_t magnitudes = 0;
        for (int k = 0; k < height * width; ++k) {
          const int w = weight(c, k / width, k % width);
          sum += w;
          magnitudes += std::abs(w);
        }
        const int32_t folded = (bias.empty() ? 0 : bias[static_cast<size_t>(c)]) - input_zero_point * sum;
        const Multiplier multiplier = multipliers[static_cast<size_t>(c)];
        set_requantize_q8(r, lane, folded, multiplier, output.zero_point);
        ending.add(multiplier, std::abs(int64_t{folded}) + 255 * magnitudes);
      }
    }
    block.ending = ending.ending(output);
    blocks_.push_back(block);
  }
  for (size_t i = 0; i < blocks_.size(); ++i) {
    blocks_[i].requantize = requantize_.data() + blocks_[i].first_channel / kLanes;
    blocks_[i].weights = lines_[starts[i]].bytes;
  }
}

int64_t PackedDepthwiseQ8::size_bytes() const {
  return static_cast<int64_t>(lines_.size() * sizeof(Line) + requantize_.size() * sizeof(RequantizeQ8));
}

}  // namespace monolite::kernels
