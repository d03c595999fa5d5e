// FusedBatchNorm (all three generations) and BatchNormWithGlobalNormalization before it -> MUL and ADD by constants,
// which fold_into_convolution.cpp then folds.

#include <algorithm>
#include <cmath>

#include "convert/lowerings.h"

namespace monolite::conversion {

namespace tf = monolite::tensorflow;

namespace {

// x, gamma, beta, mean, variance, all but x constant.
Outputs normalize(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in, bool has_gamma, float epsilon);

bool is_all(Lowering& l, TensorId id, float value) {
  const Tensor& t = l.tensor(id);
  if (!t.is_constant() || t.dtype != DType::float32) return false;
  const auto values = l.values<float>(id);
  return std::all_of(values.begin(), values.end(), [&](float v) { return v == value; });
}

// Training mode without gamma and beta: how Keras writes layer norms. The statistics are those of the input itself.
Outputs normalize_by_itself(Lowering& l, const tf::Node& n, TensorId x, float epsilon) {
  const auto part = [&](const char* name, OpCode op, std::vector<TensorId> in, const char* table) {
    return l.emit(n.name + name, op, std::move(in), DType::float32, table);
  };
  const TensorId axes = int32_constant(l, n.name + "/axes", {0, 1, 2});
  const auto mean_of = [&](const char* name, TensorId id) {
    return l.emit(n.name + name, OpCode::MEAN, {id, axes}, DType::float32, "ReducerOptions", {{"keep_dims", true}});
  };
  ML_ASSIGN(const TensorId mean, mean_of("/mean", x));
  ML_ASSIGN(const TensorId squares,
            part("/squares", OpCode::SQUARED_DIFFERENCE, {x, mean}, "SquaredDifferenceOptions"));
  ML_ASSIGN(const TensorId variance, mean_of("/variance", squares));
  const TensorId least = l.add_constant<float>(n.name + "/epsilon", Shape(), {epsilon});
  ML_ASSIGN(const TensorId sum, part("/sum", OpCode::ADD, {variance, least}, "AddOptions"));
  ML_ASSIGN(const TensorId factor, part("/rsqrt", OpCode::RSQRT, {sum}, ""));
  ML_ASSIGN(const TensorId centered, part("/centered", OpCode::SUB, {x, mean}, "SubOptions"));
  return one(part("", OpCode::MUL, {centered, factor}, "MulOptions"));
}

}  // namespace

Outputs lower_batch_norm(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 5));
  ML_TRY(expect_nhwc(n));
  if (n.attr_or("is_training", true)) {
    if (is_all(l, in[1], 1) && is_all(l, in[2], 0) && l.shape(in[0]).rank() == 4)
      return normalize_by_itself(l, n, in[0], n.attr_or("epsilon", 1e-4f));
    return Unexpected(node_error(n, "batch norm in training mode", "a graph for inference",
                                 "export with is_training=False (fine_tune_batch_norm has no part in it)"));
  }
  return normalize(l, n, in, true, n.attr_or("epsilon", 1e-4f));
}

// BatchNormWithGlobalNormalization: x, mean, variance, beta, gamma.
Outputs lower_batch_norm_of_2015(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 5));
  return normalize(l, n, {in[0], in[4], in[3], in[1], in[2]}, n.attr_or("scale_after_normalization", true),
                   n.attr_or("variance_epsilon", 1e-3f));
}

namespace {

Outputs normalize(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in, bool has_gamma, float epsilon) {
  const Shape& shape = l.shape(in[0]);
  if (shape.rank() < 1) return Unexpected(node_error(n, "a scalar input", "channels"));
  const auto channels = static_cast<size_t>(shape.back(0));
  for (size_t i = 1; i < in.size(); ++i) {
    const Tensor& t = l.tensor(in[i]);
    if (!t.is_constant() || t.dtype != DType::float32 || t.data.size_bytes() != channels * sizeof(float)) {
      return Unexpected(node_error(n, "a parameter that is no constant of " + std::to_string(channels) + " float32",
                                   "gamma, beta, mean and variance as constants", "freeze the graph first"));
    }
  }
  const auto gamma = l.values<float>(in[1]), beta = l.values<float>(in[2]), mean = l.values<float>(in[3]),
             variance = l.values<float>(in[4]);
  std::vector<float> scale(channels), offset(channels);
  for (size_t c = 0; c < channels; ++c) {
    // Multiplied by the reciprocal, as toco does: the last bit decides about a rounded bias now and then.
    scale[c] = (has_gamma ? gamma[c] : 1.0f) * (1.0f / std::sqrt(variance[c] + epsilon));
    offset[c] = beta[c] - mean[c] * scale[c];
  }
  const Shape own{static_cast<int32_t>(channels)};
  const TensorId scales = l.add_constant<float>(n.name + "_mul_param", own, std::move(scale));
  const TensorId offsets = l.add_constant<float>(n.name + "_add_param", own, std::move(offset));
  ML_ASSIGN(const TensorId scaled, l.emit(n.name + "_mul", OpCode::MUL, {in[0], scales}, DType::float32, "MulOptions"));
  ML_ASSIGN(const TensorId moved, l.emit(n.name, OpCode::ADD, {scaled, offsets}, DType::float32, "AddOptions"));
  return std::vector<TensorId>{moved};  // the other outputs are for training
}

}  // namespace

}  // namespace monolite::conversion
