#pragma once
// The sums and products behind a float32 matrix product that its kernel can end in: (product + residual) * scale +
// shift.

#include <initializer_list>
#include <optional>
#include <vector>

#include "kernels/gemm_f32/gemm_f32.h"
#include "ops/activation.h"
#include "runtime/planner.h"

namespace monolite::runtime {

class EndingF32 {
 public:
  // What node `last` ends: ADD of a tensor of the same shape, MUL by a constant, ADD of a constant or of one row; each
  // may be missing, not all. A constant is a number or one for each channel. `products`: kinds of nodes that may be
  // ended so. A residual that is itself a product and a sum with constants is computed on the way. Nothing where there
  // is no such chain of nodes, each read by the next one alone.
  static std::optional<EndingF32> find(const Planner& planner, size_t last, std::initializer_list<OpCode> products);

  size_t product() const { return product_; }
  const std::vector<size_t>& nodes() const { return nodes_; }  // all of them, in order
  std::vector<TensorId> reads() const;
  ops::Range<float> range() const { return range_; }

  void bind(std::span<const ops::TensorState> tensors);
  // Tells the kernel. `at`: where the panel's first result lies, counted from the output's first.
  void set(kernels::GemmF32Args& args, int64_t at, int first_channel) const;

 private:
  enum class Part { none, product, residual, scale, shift };

  // The part that node i is, with input k being what comes before it.
  Part part_of(const Planner& planner, size_t i, int k) const;
  void take(const Planner& planner, size_t i, int k, Part part);
  // Takes in the MUL and the ADD that node i's input k, the residual, comes from.
  void take_residuals_own(const Planner& planner, size_t i, int k);

  size_t product_ = 0;
  std::vector<size_t> nodes_;
  TensorId residual_id_ = kNoTensor, row_id_ = kNoTensor;
  std::vector<float> scale_, shift_, residual_scale_;  // filled up, so that whole vectors can be read
  ops::Range<float> range_{};
  const float *residual_ = nullptr, *row_ = nullptr;
};

}  // namespace monolite::runtime
