#pragma once
// How integers stand for real numbers: real = scale * (value - zero_point), per tensor or per slice of one dimension.

#include <cstdint>
#include <vector>

#include "base/buffer.h"

namespace monolite {

struct Quantization {
  std::vector<float> scale;         // one, or one per slice of `dimension`
  std::vector<int64_t> zero_point;  // as many
  int32_t dimension = 0;
  std::vector<float> min, max;  // the range that was trained or calibrated; only a note

  // Other schemes that a file may hold; kept, not computed with.
  enum class Details : uint8_t { none, custom, blockwise, multi_axis } details = Details::none;
  Buffer custom;                                                    // details == custom
  int32_t block_scales = 0, block_zero_points = 0, block_size = 0;  // blockwise, multi_axis: tensors and block length
  std::vector<int32_t> dimensions;                                  // multi_axis

  bool is_quantized() const { return !scale.empty(); }
  bool is_per_channel() const { return scale.size() > 1; }
};

// One scale and zero point, for the whole tensor.
inline Quantization per_tensor(float scale, int64_t zero_point) {
  Quantization q;
  q.scale = {scale};
  q.zero_point = {zero_point};
  return q;
}

// Do both stand for the same real numbers? Notes (min, max) are not compared.
bool same_mapping(const Quantization& a, const Quantization& b);

}  // namespace monolite
