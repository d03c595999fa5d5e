#include "kernels/gemm_q8/packed_q8.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/first_usable.h"
#include "kernels/panels.h"
#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {

#define KERNEL(needs, function, order, operands) void function(const PanelQ8&, const GemmQ8Args&);
#include "kernels/gemm_q8/kernels.inc"
#undef KERNEL

std::span<const GemmQ8Kernel> gemm_q8_kernels() {
  static constexpr GemmQ8Kernel kTable[] = {
#define KERNEL(needs, function, order, operands) {needs, #function, function, order, operands},
#include "kernels/gemm_q8/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const GemmQ8Kernel& select_gemm_q8(Isa have) { return first_usable(gemm_q8_kernels(), have); }

namespace {

// What a channel's weights are to its sums.
struct ChannelSums {
  int64_t sum = 0, magnitudes = 0;
};

// Writes what 8 bits hold of each of a channel's weights, from weight `first` on, group_bytes for a segment. Says of
// which groups they do not hold all.
ChannelSums narrow(const OperandsQ8& operands, const WeightsQ8& weights, size_t first, int segments, int elements,
                   int64_t group_bytes, int8_t* to, std::vector<bool>& passes) {
  constexpr int kRun = 64;  // whose sums 16 bits hold
  const auto least = static_cast<int16_t>(operands.least_weight), zero = static_cast<int16_t>(weights.zero_point);
  const uint8_t flip = weights.flip;
  ChannelSums all;
  for (int s = 0; s < segments; ++s, to += group_bytes) {
    const uint8_t* from = weights.bytes.data() + first + static_cast<size_t>(int64_t{s} * elements);
    for (int start = 0; start < elements; start += kRun) {
      const int end = std::min(elements, start + kRun);
      int16_t sum = 0, magnitudes = 0, left = 0;
      for (int k = start; k < end; ++k) {
        const auto w = static_cast<int16_t>((from[k] ^ flip) - zero);
        const auto fits = std::clamp<int16_t>(w, least, 127);
        to[k] = static_cast<int8_t>(fits);
        left |= static_cast<int16_t>(w ^ fits);
        sum = static_cast<int16_t>(sum + w);
        magnitudes = static_cast<int16_t>(magnitudes + std::abs(w));
      }
      all.sum += sum;
      all.magnitudes += magnitudes;
      for (int k = start; left != 0 && k < end; ++k) {
        if (to[k] == (from[k] ^ flip) - zero) continue;
        passes[static_cast<size_t>((s * group_bytes + k) / kGroup)] = true;
      }
    }
  }
  return all;
}

void set(RequantizeQ8& block, int lane, int32_t bias, const Multiplier& m, int32_t zero_point) {
  set_requantize_q8(block, lane, bias, m, zero_point);
}

void set(RequantizeQ8& block, int lane, int32_t bias, const RoundedOnceQ8& s, int32_t zero_point) {
  set_rounded_once_q8(block, lane, bias, s, zero_point);
}

}  // namespace

PackedQ8::PackedQ8(const GemmQ8Kernel& kernel, const WeightsQ8& weights, int channels, int segments, int elements,
                   std::span<const int32_t> bias, int32_t input_zero_point, std::span<const Multiplier> multipliers,
                   const OutputQ8& output)
    : groups_((elements + kGroup - 1) / kGroup) {
  pack(kernel, weights, channels, segments, elements, bias, input_zero_point, multipliers, output);
}

PackedQ8::PackedQ8(const GemmQ8Kernel& kernel, const WeightsQ8& weights, int channels, int segments, int elements,
                   std::span<const int32_t> bias, int32_t input_zero_point, std::span<const RoundedOnceQ8> scales,
                   const OutputQ8& output)
    : groups_((elements + kGroup - 1) / kGroup) {
  pack(kernel, weights, channels, segments, elements, bias, input_zero_point, scales, output);
}

template <class Scale>
void PackedQ8::pack(const GemmQ8Kernel& kernel, const WeightsQ8& weights, int channels, int segments, int elements,
                    std::span<const int32_t> bias, int32_t input_zero_point, std::span<const Scale> scales,
                    const OutputQ8& output) {
  const int vectors = (channels + kVector - 1) / kVector;
  const int64_t group_bytes = int64_t{groups_} * kGroup, row_bytes = segments * group_bytes;
  requantize_.resize(static_cast<size_t>(vectors));
  // With room for what passes 8 bits: a vector that grows has its elements twice for a moment.
  const auto lines = static_cast<size_t>(int64_t{segments} * groups_ * vectors);
  lines_.reserve(lines + lines / 16 + 64);
  std::vector<int8_t> narrowed;
  std::vector<bool> passes;  // 8 bits, any weight of a group
  EndingOfQ8 ending;
  struct Start {
    size_t line, extra;
  };
  std::vector<Start> starts;
  panels_ = even_panels<PanelQ8>(channels, kVector, kMostVectors);
  for (PanelQ8& panel : panels_) {
    const auto blocks =
        std::span(requantize_)
            .subspan(static_cast<size_t>(panel.first_channel / kVector), static_cast<size_t>(panel.vectors));
    narrowed.assign(static_cast<size_t>(int64_t{panel.vectors} * kVector * row_bytes), 0);
    passes.assign(static_cast<size_t>(row_bytes / kGroup), false);
    for (int lane = 0; lane < panel.vectors * kVector; ++lane) {
      RequantizeQ8& block = blocks[static_cast<size_t>(lane / kVector)];
      const int c = panel.first_channel + kernel.channel(panel.vectors, lane / kVector, lane % kVector);
      if (c >= channels) {
        set_requantize_q8(block, lane % kVector, 0, {0, -1}, output.zero_point);
        continue;
      }
      const ChannelSums sums = narrow(kernel.operands, weights, static_cast<size_t>(int64_t{c} * segments * elements),
                                      segments, elements, group_bytes, narrowed.data() + lane * row_bytes, passes);
      const auto folded =
          static_cast<int32_t>(static_cast<uint32_t>(bias.empty() ? 0 : bias[static_cast<size_t>(c)]) -
                               static_cast<uint32_t>(input_zero_point) * static_cast<uint32_t>(sums.sum));
      const Scale& scale = scales[static_cast<size_t>(c)];
      set(block, lane % kVector, start_of_q8(folded, sums.sum, kernel.operands), scale, output.zero_point);
      ending.add(scale, reach_of_q8(folded, sums.sum, sums.magnitudes), block, lane % kVector);
    }
    panel.ending = ending.finish(output, blocks);
    starts.push_back({lines_.size(), extra_.size()});
    for (int64_t at = 0; at < row_bytes; at += kGroup) {
      for (int v = 0; v < panel.vectors; ++v) {
        Line& line = lines_.emplace_back();
        for (int lane = 0; lane < kVector; ++lane) {
          std::memcpy(line.bytes + lane * kGroup, narrowed.data() + (v * kVector + lane) * row_bytes + at, kGroup);
        }
      }
    }
    pack_extra(kernel, panel, weights, segments, elements, passes);
  }
  for (size_t p = 0; p < panels_.size(); ++p) {
    panels_[p].requantize = &requantize_[static_cast<size_t>(panels_[p].first_channel / kVector)];
    panels_[p].weights = lines_[starts[p].line].bytes;
    panels_[p].extra = extra_.data() + starts[p].extra;
  }
}

// What 8 bits leave of a panel's weights, in as many sets as it takes.
void PackedQ8::pack_extra(const GemmQ8Kernel& kernel, PanelQ8& panel, const WeightsQ8& weights, int segments,
                          int elements, const std::vector<bool>& passes) {
  for (int s = 0; s < segments; ++s) {
    for (int first = 0; first < elements; first += kGroup) {
      if (!passes[static_cast<size_t>(s * groups_ + first / kGroup)]) continue;
      for (int set = 1;; ++set) {
        Line lines[kMostVectors]{};
        bool is_zero = true;
        for (int lane = 0; lane < panel.vectors * kVector; ++lane) {
          const int c = kernel.channel(panel.vectors, lane / kVector, lane % kVector);
          if (c >= panel.channels) continue;
          const int64_t row = (int64_t{panel.first_channel + c} * segments + s) * elements;
          for (int k = first; k < std::min(first + kGroup, elements); ++k) {
            int w = weights[static_cast<size_t>(row + k)];
            for (int before = 0; before < set; ++before) w -= fitting_q8(w, kernel.operands);
            lines[lane / kVector].bytes[lane % kVector * kGroup + k - first] = fitting_q8(w, kernel.operands);
            is_zero &= w == 0;
          }
        }
        if (is_zero) break;
        lines_.insert(lines_.end(), lines, lines + panel.vectors);
        extra_.push_back({s, first});
        ++panel.extra_count;
      }
    }
  }
}

int64_t PackedQ8::size_bytes() const {
  return static_cast<int64_t>(lines_.size() * sizeof(Line) + requantize_.size() * sizeof(RequantizeQ8));
}

}  // namespace monolite::kernels
