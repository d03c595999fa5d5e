#include "kernels/depthwise_q8/packed_depthwise_q8.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

#include "kernels/first_usable.h"
#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {

#define KERNEL(needs, function, order, operands) void function(const DepthwiseBlockQ8&, const DepthwiseQ8Args&);
#include "kernels/depthwise_q8/kernels.inc"
#undef KERNEL

std::span<const DepthwiseQ8Kernel> depthwise_q8_kernels() {
  static constexpr DepthwiseQ8Kernel kTable[] = {
#define KERNEL(needs, function, order, operands) {needs, #function, function, order, operands},
#include "kernels/depthwise_q8/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const DepthwiseQ8Kernel& select_depthwise_q8(Isa have) { return first_usable(depthwise_q8_kernels(), have); }

namespace {

constexpr int kLanes = 16;

}  // namespace

PackedDepthwiseQ8::PackedDepthwiseQ8(const DepthwiseQ8Kernel& kernel, const WeightsQ8& weights, int height, int width,
                                     int channels, std::span<const int32_t> bias, int32_t input_zero_point,
                                     std::span<const Multiplier> multipliers, const OutputQ8& output)
    : kernel_(kernel),
      weights_(weights),
      height_(height),
      width_(width),
      channels_(channels),
      row_groups_((height + kRowGroup - 1) / kRowGroup) {
  const size_t count = static_cast<size_t>((channels + kDepthwiseChannels - 1) / kDepthwiseChannels);
  requantize_.resize(static_cast<size_t>((channels + kLanes - 1) / kLanes));
  std::vector<std::array<Start, 2>> starts(count);
  EndingOfQ8 ending;
  for (size_t i = 0; i < count; ++i) {
    DepthwiseBlockQ8 block{};
    block.first_channel = static_cast<int>(i) * kDepthwiseChannels;
    block.channels = std::min(channels - block.first_channel, kDepthwiseChannels);
    block.vectors = (block.channels + kLanes - 1) / kLanes;
    const bool fits = set_requantization(block, bias, input_zero_point, multipliers, output, ending);
    for (int row = 0; row < output_rows(); ++row) starts[i][static_cast<size_t>(row)] = pack_weights(block, row, fits);
    blocks_.push_back(block);
  }
  for (size_t i = 0; i < count; ++i) {
    blocks_[i].requantize = requantize_.data() + blocks_[i].first_channel / kLanes;
    for (int row = 0; row < output_rows(); ++row) {
      const Start& start = starts[i][static_cast<size_t>(row)];
      DepthwiseWeightsQ8& w = blocks_[i].weights[row];
      w.taps = lines_[start.line].bytes;
      w.extra = extra_.data() + start.extra;
      w.extra_taps = reinterpret_cast<const int8_t*>(lines_.data() + start.extra_line);
    }
  }
  weights_ = {};
}

int PackedDepthwiseQ8::weight(int channel, int ky, int kx) const {
  return channel < channels_ && ky >= 0 && ky < height_
             ? weights_[static_cast<size_t>((ky * width_ + kx) * channels_ + channel)]
             : 0;
}

// Of output row 0, or of row 1, whose window lies one row lower. `fits`: 8 bits hold each of the block's weights.
PackedDepthwiseQ8::Start PackedDepthwiseQ8::pack_weights(DepthwiseBlockQ8& block, int row, bool fits) {
  int channels[kDepthwiseChannels];
  for (int lane = 0; lane < block.vectors * kLanes; ++lane) {
    channels[lane] = block.first_channel + kernel_.channel(block.vectors, lane / kLanes, lane % kLanes);
  }
  // What the sets before leave of the weights of a tap and a group of rows.
  const auto line = [&](int v, int kx, int g, int sets_before) {
    Line l{};
    for (int i = 0; i < kLanes * kRowGroup; ++i) {
      int w = weight(channels[v * kLanes + i / kRowGroup], g * kRowGroup + i % kRowGroup - row, kx);
      for (int set = 0; set < sets_before; ++set) w -= fitting_q8(w, kernel_.operands);
      l.bytes[i] = fitting_q8(w, kernel_.operands);
    }
    return l;
  };
  const auto is_zero = [](const Line& l) {
    return std::all_of(std::begin(l.bytes), std::end(l.bytes), [](int8_t w) { return w == 0; });
  };
  Start start{lines_.size(), 0, extra_.size()};
  for (int kx = 0; kx < width_; ++kx) {
    for (int g = 0; g < row_groups_; ++g) {
      for (int v = 0; v < block.vectors; ++v) lines_.push_back(line(v, kx, g, 0));
    }
  }
  start.extra_line = lines_.size();
  if (fits) return start;
  for (int v = 0; v < block.vectors; ++v) {
    for (int kx = 0; kx < width_; ++kx) {
      for (int g = 0; g < row_groups_; ++g) {
        for (int set = 1;; ++set) {
          const Line left = line(v, kx, g, set);
          if (is_zero(left)) break;
          extra_.push_back({kx, g});
          lines_.push_back(left);
        }
      }
    }
    block.weights[row].extra_end[v] = static_cast<int>(extra_.size() - start.extra);
  }
  return start;
}

// Returns whether 8 bits hold each of the block's weights.
bool PackedDepthwiseQ8::set_requantization(DepthwiseBlockQ8& block, std::span<const int32_t> bias,
                                           int32_t input_zero_point, std::span<const Multiplier> multipliers,
                                           const OutputQ8& output, EndingOfQ8& ending) {
  bool fits = true;
  for (int v = 0; v < block.vectors; ++v) {
    for (int lane = 0; lane < kLanes; ++lane) {
      RequantizeQ8& r = requantize_[static_cast<size_t>(block.first_channel / kLanes + v)];
      const int c = block.first_channel + kernel_.channel(block.vectors, v, lane);
      if (c >= channels_) {
        set_requantize_q8(r, lane, 0, {0, -1}, output.zero_point);
        continue;
      }
      int32_t sum = 0;
      int64_t magnitudes = 0;
      for (int k = 0; k < height_ * width_; ++k) {
        const int w = weight(c, k / width_, k % width_);
        sum += w;
        magnitudes += std::abs(w);
        fits &= w == fitting_q8(w, kernel_.operands);
      }
      const int32_t folded = (bias.empty() ? 0 : bias[static_cast<size_t>(c)]) - input_zero_point * sum;
      const Multiplier multiplier = multipliers[static_cast<size_t>(c)];
      set_requantize_q8(r, lane, start_of_q8(folded, sum, kernel_.operands), multiplier, output.zero_point);
      ending.add(multiplier, reach_of_q8(folded, sum, magnitudes), r, lane);
    }
  }
  block.ending = ending.finish(
      output, std::span(requantize_)
                  .subspan(static_cast<size_t>(block.first_channel / kLanes), static_cast<size_t>(block.vectors)));
  return fits;
}

int64_t PackedDepthwiseQ8::size_bytes() const {
  return static_cast<int64_t>(lines_.size() * sizeof(Line) + requantize_.size() * sizeof(RequantizeQ8));
}

}  // namespace monolite::kernels
