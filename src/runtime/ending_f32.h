#pragma once
// The sums and products behind a float32 matrix product that its kernel can end in:
// (product + residual) * scale + shift.

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
  // ended so, where they have no activation of their own. A residual that is itself a product and a sum with constants
  // is computed on the way. Nothing where there is no such chain of nodes, each read by the next one alone.
  static std::optional<EndingF32> find(const Planner& planner, size_t last, std::initializer_list<OpCode> products);

  size_t product() const { return product_; }
  ops::Range<float> range() const { return range_; }

  // To the step of the product, and of what it takes in before: adds its nodes and what they read; the step writes what
  // the last one does.
  void extend(Step& step) const;

  void bind(std::span<const ops::TensorState> tensors);
  // Tells the kernel, which has been told where its results go: into what the step writes.
  void set(kernels::GemmF32Args& args, int first_channel) const;

 private:
  enum class Part { none, residual, scale, shift };

  // The part that node i is, with input k being what comes before it.
  Part part_of(const Planner& planner, size_t i, int k) const;
  void take(const Planner& planner, size_t i, int k, Part part);
  // Takes in the MUL and the ADD that node i's input k, the residual, comes from.
  void take_residuals_own(const Planner& planner, size_t i, int k);

  size_t product_ = 0;
  std::vector<size_t> nodes_;  // all but the product
  TensorId residual_id_ = kNoTensor, row_id_ = kNoTensor, out_id_ = kNoTensor;
  std::vector<float> scale_, shift_, residual_scale_;  // filled up, so that whole vectors can be read
  ops::Range<float> range_{};
  const float *residual_ = nullptr, *row_ = nullptr, *out_ = nullptr;
};

}  // namespace monolite::runtime
