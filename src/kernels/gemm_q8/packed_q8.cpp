#include "kernels/gemm_q8/packed_q8.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/first_usable.h"
#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {

#define KERNEL(needs, function, order) void function(const PanelQ8&, const GemmQ8Args&);
#include "kernels/gemm_q8/kernels.inc"
#undef KERNEL

std::span<const GemmQ8Kernel> gemm_q8_kernels() {
  static constexpr GemmQ8Kernel kTable[] = {
#define KERNEL(needs, function, order) {needs, #function, function, order},
#include "kernels/gemm_q8/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const GemmQ8Kernel& select_gemm_q8(Isa have) { return first_usable(gemm_q8_kernels(), have); }

namespace {

// As much of a weight as 8 bits hold; the rest goes into further sets.
int8_t fitting(int w) { return static_cast<int8_t>(std::clamp(w, -128, 127)); }

// What 8 bits hold of `count` weights once `set` of such parts are taken off; bits of what is left behind it.
inline int pack_group(const int16_t* weights, int count, int set, int8_t* to) {
  if (count == kGroup && set == 0) {  // four at once, if all fit
    constexpr uint64_t kSigns = 0x8000800080008000, kHalf = 0x0080008000800080, kUpper = 0xFF00FF00FF00FF00;
    uint64_t four;
    std::memcpy(&four, weights, sizeof(four));
    if (((((four & ~kSigns) + kHalf) ^ (four & kSigns)) & kUpper) == 0) {
      const uint64_t bytes = four & ~kUpper, pairs = bytes | bytes >> 8;
      const auto packed = static_cast<uint32_t>((pairs & 0xFFFF) | (pairs >> 16 & 0xFFFF0000));
      std::memcpy(to, &packed, sizeof(packed));
      return 0;
    }
  }
  int left = 0;
  for (int i = 0; i < count; ++i) {
    int w = weights[i];
    for (int before = 0; before < set; ++before) w -= fitting(w);
    to[i] = fitting(w);
    left |= w - to[i];
  }
  return left;
}

void set(RequantizeQ8& block, int lane, int32_t bias, const Multiplier& m, int32_t zero_point) {
  set_requantize_q8(block, lane, bias, m, zero_point);
}

void set(RequantizeQ8& block, int lane, int32_t bias, const RoundedOnceQ8& s, int32_t zero_point) {
  set_rounded_once_q8(block, lane, bias, s, zero_point);
}

}  // namespace

PackedQ8::PackedQ8(const GemmQ8Kernel& kernel, std::span<const int16_t> weights, int channels, int segments,
                   int elements, std::span<const int32_t> bias, int32_t input_zero_point,
                   std::span<const Multiplier> multipliers, const OutputQ8& output)
    : groups_((elements + kGroup - 1) / kGroup) {
  pack(kernel, weights, channels, segments, elements, bias, input_zero_point, multipliers, output);
}

PackedQ8::PackedQ8(const GemmQ8Kernel& kernel, std::span<const int16_t> weights, int channels, int segments,
                   int elements, std::span<const int32_t> bias, int32_t input_zero_point,
                   std::span<const RoundedOnceQ8> scales, const OutputQ8& output)
    : groups_((elements + kGroup - 1) / kGroup) {
  pack(kernel, weights, channels, segments, elements, bias, input_zero_point, scales, output);
}

template <class Scale>
void PackedQ8::pack(const GemmQ8Kernel& kernel, std::span<const int16_t> weights, int channels, int segments,
                    int elements, std::span<const int32_t> bias, int32_t input_zero_point,
                    std::span<const Scale> scales, const OutputQ8& output) {
  const int vectors = (channels + kVector - 1) / kVector;
  const int count = (vectors + kMostVectors - 1) / kMostVectors;
  const int64_t row = int64_t{segments} * elements;
  requantize_.resize(static_cast<size_t>(vectors));
  int vector = 0;
  for (int p = 0; p < count; ++p) {
    PanelQ8 panel{};
    panel.vectors = (vectors - vector + (count - p) - 1) / (count - p);  // as even as can be
    panel.first_channel = vector * kVector;
    panel.channels = std::min(channels - panel.first_channel, panel.vectors * kVector);
    EndingOfQ8 ending;
    for (int v = 0; v < panel.vectors; ++v) {
      RequantizeQ8& block = requantize_[static_cast<size_t>(vector + v)];
      for (int lane = 0; lane < kVector; ++lane) {
        const int c = panel.first_channel + kernel.channel(panel.vectors, v, lane);
        if (c >= channels) {
          set_requantize_q8(block, lane, 0, {0, -1}, output.zero_point);
          continue;
        }
        int64_t sum = 0, magnitudes = 0;
        for (int64_t k = 0; k < row; ++k) {
          const int w = weights[static_cast<size_t>(c * row + k)];
          sum += w;
          magnitudes += std::abs(w);
        }
        const auto folded =
            static_cast<int32_t>(static_cast<uint32_t>(bias.empty() ? 0 : bias[static_cast<size_t>(c)]) -
                                 static_cast<uint32_t>(input_zero_point) * static_cast<uint32_t>(sum));
        const Scale& scale = scales[static_cast<size_t>(c)];
        set(block, lane, folded, scale, output.zero_point);
        ending.add(scale, reach_of_q8(folded, sum, magnitudes), block, lane);
      }
    }
    panel.ending = ending.finish(
        output, std::span(requantize_).subspan(static_cast<size_t>(vector), static_cast<size_t>(panel.vectors)));
    panels_.push_back(panel);
    vector += panel.vectors;
  }
  struct Start {
    size_t line, extra;
  };
  std::vector<Start> starts;
  // With room for what passes 8 bits: a vector that grows has its elements twice for a moment.
  const auto lines = static_cast<size_t>(int64_t{segments} * groups_ * vectors);
  lines_.reserve(lines + lines / 16 + 64);
  for (PanelQ8& panel : panels_) {
    starts.push_back({lines_.size(), extra_.size()});
    pack_panel(kernel, panel, weights, segments, elements);
  }
  vector = 0;
  for (size_t p = 0; p < panels_.size(); ++p) {
    panels_[p].requantize = requantize_.data() + vector;
    panels_[p].weights = lines_[starts[p].line].bytes;
    panels_[p].extra = extra_.data() + starts[p].extra;
    vector += panels_[p].vectors;
  }
}

void PackedQ8::pack_panel(const GemmQ8Kernel& kernel, PanelQ8& panel, std::span<const int16_t> weights, int segments,
                          int elements) {
  std::vector<Line> extra_lines;
  int source[kMostVectors][kVector];  // the channel of each lane, or -1
  for (int v = 0; v < panel.vectors; ++v) {
    for (int lane = 0; lane < kVector; ++lane) {
      const int c = kernel.channel(panel.vectors, v, lane);
      source[v][lane] = c < panel.channels ? panel.first_channel + c : -1;
    }
  }
  for (int s = 0; s < segments; ++s) {
    for (int g = 0; g < groups_; ++g) {
      const int count = std::min(kGroup, elements - g * kGroup);
      int left = 0;  // of the weights, any bit
      for (int set = 0; set == 0 || left != 0; ++set) {
        left = 0;
        for (int v = 0; v < panel.vectors; ++v) {
          Line line{};
          for (int lane = 0; lane < kVector; ++lane) {
            const int c = source[v][lane];
            if (c < 0) continue;
            const int16_t* from = &weights[static_cast<size_t>((int64_t{c} * segments + s) * elements + g * kGroup)];
            left |= pack_group(from, count, set, line.bytes + lane * kGroup);
          }
          (set == 0 ? lines_ : extra_lines).push_back(line);
        }
        if (set == 0) continue;
        extra_.push_back({s, g * kGroup});
        ++panel.extra_count;
      }
    }
  }
  lines_.insert(lines_.end(), extra_lines.begin(), extra_lines.end());
}

int64_t PackedQ8::size_bytes() const {
  return static_cast<int64_t>(lines_.size() * sizeof(Line) + requantize_.size() * sizeof(RequantizeQ8));
}

}  // namespace monolite::kernels
