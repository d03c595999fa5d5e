#pragma once
// Which kernel of the family to take, and a layer's weights packed for it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/fixed_point.h"
#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/requantize_q8_table.h"
#include "kernels/weights_q8.h"

namespace monolite::kernels {

std::span<const GemmQ8Kernel> gemm_q8_kernels();  // best first
const GemmQ8Kernel& select_gemm_q8(Isa have);

// The weights of a layer, packed for a kernel.
class PackedQ8 {
 public:
  // weights [channels][segments][elements], elements of a segment. input_zero_point is the unsigned one.
  PackedQ8(const GemmQ8Kernel& kernel, const WeightsQ8& weights, int channels, int segments, int elements,
           std::span<const int32_t> bias, int32_t input_zero_point, std::span<const Multiplier> multipliers,
           const OutputQ8& output);
  // The same for results that are rounded once.
  PackedQ8(const GemmQ8Kernel& kernel, const WeightsQ8& weights, int channels, int segments, int elements,
           std::span<const int32_t> bias, int32_t input_zero_point, std::span<const RoundedOnceQ8> scales,
           const OutputQ8& output);

  // As bytes to keep, and from them: the bytes must lie as stored.h says, and stay. Nothing where they are not what
  // this kernel packs of such a layer.
  std::vector<std::byte> stored(const GemmQ8Kernel& kernel, int segments, int elements) const;
  static std::optional<PackedQ8> from_stored(std::span<const std::byte> bytes, const GemmQ8Kernel& kernel, int channels,
                                             int segments, int elements);
  PackedQ8() = default;  // of no layer

  const std::vector<PanelQ8>& panels() const { return panels_; }
  int groups() const { return groups_; }
  int64_t size_bytes() const;

 private:
  template <class Scale>
  void pack(const GemmQ8Kernel& kernel, const WeightsQ8& weights, int channels, int segments, int elements,
            std::span<const int32_t> bias, int32_t input_zero_point, std::span<const Scale> scales,
            const OutputQ8& output);
  void pack_extra(const GemmQ8Kernel& kernel, PanelQ8& panel, const WeightsQ8& weights, int segments, int elements,
                  const std::vector<bool>& passes);

  int groups_ = 0;
  std::vector<PanelQ8> panels_;
  struct alignas(64) Line {
    int8_t bytes[64];
  };
  std::vector<Line> lines_;
  std::vector<RequantizeQ8> requantize_;
  std::vector<ExtraGroup> extra_;
};

}  // namespace monolite::kernels
