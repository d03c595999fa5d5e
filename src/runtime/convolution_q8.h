#pragma once
// What the 8-bit convolution steps read off their node.

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/fixed_point.h"
#include "kernels/requantize_q8.h"
#include "kernels/weights_q8.h"
#include "ops/activation.h"
#include "runtime/planner.h"
#include "runtime/weight_cache.h"

namespace monolite::runtime {

// A node with input 0, filter 1 and bias 2, as 8-bit kernels want it: values seen as unsigned (requantize_q8.h).
struct ConvolutionQ8 {
  uint8_t flip;                         // 0x80 for int8
  int32_t input_zero_point;             // unsigned
  uint8_t pad_value;                    // the input's byte for zero
  kernels::WeightsQ8 weights;           // in the filter's order
  std::vector<int32_t> bias;            // empty: none
  std::vector<Multiplier> multipliers;  // one a channel
  kernels::OutputQ8 output;

  // Where packed weights are kept, if they are: `packed` is what was kept of this node, which has no `weights` then.
  WeightCache* cache = nullptr;
  size_t node = 0;
  std::span<const std::byte> packed;

  // Packed weights as they were kept, else from `pack`, to be kept; `from_kept` may give nothing for bytes that are not
  // what it expects. The plan is then made once more, without them; until then `nothing` stands for them.
  template <class Packed, class FromKept, class Pack, class Store>
  Packed packed_by(const FromKept& from_kept, const Pack& pack, const Store& store, Packed nothing) const {
    if (!packed.empty()) {
      if (auto kept = from_kept(packed)) return std::move(*kept);
      cache->reject();
    }
    if (weights.bytes.empty()) return nothing;
    Packed made = pack();
    if (cache != nullptr) cache->add(node, store(made));
    return made;
  }
};

// `dimension` of the filter is its output channels'. Nothing where the types are others, weights or bias are not known
// ahead, or sums may pass 32 bits.
std::optional<ConvolutionQ8> convolution_q8(const Planner& planner, size_t node, ops::Activation activation,
                                            int dimension);

}  // namespace monolite::runtime
