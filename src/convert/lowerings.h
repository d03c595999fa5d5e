#pragma once
// The lowerings, one family a file (lower_*.cpp). Each takes a node whose inputs are lowered and gives its outputs.

#include "convert/lowering.h"

namespace monolite::conversion {

using Outputs = Expected<std::vector<TensorId>>;
#define LOWERING_FUNCTION(name) Outputs name(Lowering& l, const tensorflow::Node& n, const std::vector<TensorId>& in);

// lower_values.cpp: what has its value from elsewhere
LOWERING_FUNCTION(lower_const)
LOWERING_FUNCTION(lower_identity)
LOWERING_FUNCTION(lower_identity_n)
LOWERING_FUNCTION(lower_placeholder)
LOWERING_FUNCTION(lower_likes)
LOWERING_FUNCTION(lower_range)
LOWERING_FUNCTION(lower_shape)
LOWERING_FUNCTION(lower_rank)
LOWERING_FUNCTION(lower_fill)
LOWERING_FUNCTION(lower_cast)
// lower_branches.cpp: tf.cond whose condition is a constant
LOWERING_FUNCTION(lower_switch)
LOWERING_FUNCTION(lower_merge)
// lower_fake_quant.cpp
LOWERING_FUNCTION(lower_fake_quant)
LOWERING_FUNCTION(lower_fake_quant_channels)
// lower_convolution.cpp
LOWERING_FUNCTION(lower_conv_2d)
LOWERING_FUNCTION(lower_depthwise_conv_2d)
LOWERING_FUNCTION(lower_transpose_conv)
// lower_batch_norm.cpp
LOWERING_FUNCTION(lower_batch_norm)
LOWERING_FUNCTION(lower_batch_norm_of_2015)
// lower_matmul.cpp
LOWERING_FUNCTION(lower_matmul)
LOWERING_FUNCTION(lower_batch_matmul)
// lower_einsum.cpp
LOWERING_FUNCTION(lower_einsum)
// lower_elementwise.cpp
LOWERING_FUNCTION(lower_add_n)
LOWERING_FUNCTION(lower_clip)
LOWERING_FUNCTION(lower_composed)
LOWERING_FUNCTION(lower_unary)
LOWERING_FUNCTION(lower_binary)
LOWERING_FUNCTION(lower_comparison)
LOWERING_FUNCTION(lower_leaky_relu)
LOWERING_FUNCTION(lower_softmax)
LOWERING_FUNCTION(lower_no_nan)
LOWERING_FUNCTION(lower_select)
// lower_pool.cpp: what looks at a neighbourhood, or at whole axes
LOWERING_FUNCTION(lower_pool)
LOWERING_FUNCTION(lower_resize)
LOWERING_FUNCTION(lower_reduction)
LOWERING_FUNCTION(lower_arg_max)
LOWERING_FUNCTION(lower_top_k)
LOWERING_FUNCTION(lower_cumsum)
// lower_movement.cpp: what moves elements and computes none
LOWERING_FUNCTION(lower_reshape)
LOWERING_FUNCTION(lower_squeeze)
LOWERING_FUNCTION(lower_expand_dims)
LOWERING_FUNCTION(lower_concat)
LOWERING_FUNCTION(lower_pack)
LOWERING_FUNCTION(lower_unpack)
LOWERING_FUNCTION(lower_split)
LOWERING_FUNCTION(lower_split_v)
LOWERING_FUNCTION(lower_slice)
LOWERING_FUNCTION(lower_strided_slice)
LOWERING_FUNCTION(lower_gather)
LOWERING_FUNCTION(lower_gather_nd)
LOWERING_FUNCTION(lower_one_hot)
LOWERING_FUNCTION(lower_scatter_nd)
LOWERING_FUNCTION(lower_broadcast)
LOWERING_FUNCTION(lower_transpose)
LOWERING_FUNCTION(lower_reverse)
LOWERING_FUNCTION(lower_tile)
LOWERING_FUNCTION(lower_pad)
LOWERING_FUNCTION(lower_space_batch)
LOWERING_FUNCTION(lower_depth_space)
// lower_custom.cpp: any op, kept as a custom one
LOWERING_FUNCTION(lower_custom)
LOWERING_FUNCTION(lower_erf)
#undef LOWERING_FUNCTION

// At least `count` inputs (and at most `most`), or an error.
Expected<void> expect_inputs(const tensorflow::Node& n, const std::vector<TensorId>& in, size_t count, size_t most);
inline Expected<void> expect_inputs(const tensorflow::Node& n, const std::vector<TensorId>& in, size_t count) {
  return expect_inputs(n, in, count, count);
}
// data_format is NHWC or not said.
Expected<void> expect_nhwc(const tensorflow::Node& n);
// {height, width} of an attribute with four numbers; batch and channels must be 1.
Expected<std::pair<int64_t, int64_t>> height_width(const tensorflow::Node& n, const char* attribute);
// int32 values as a constant.
TensorId int32_constant(Lowering& l, const std::string& name, const std::vector<int64_t>& values);
// Emits one output and wraps it.
Outputs one(Expected<TensorId> id);
// An int64 constant as int32, which is what the IR's kernels all take; others as they are.
TensorId as_int32(Lowering& l, TensorId id);
// The tensor in another shape, or with its axes in another order; itself where nothing changes. A constant's trained
// range holds for it in any shape.
Expected<TensorId> reshaped(Lowering& l, const std::string& name, TensorId id, const Shape& shape);
Expected<TensorId> transposed(Lowering& l, const std::string& name, TensorId id, const std::vector<int64_t>& order);
// Custom codes that fuse_gelu looks for: the IR has the error function in GELU alone.
inline constexpr const char *kErf = "Erf", *kErfc = "Erfc";
// The schema's Padding: SAME 0, VALID 1.
inline constexpr int64_t kSame = 0, kValid = 1;

}  // namespace monolite::conversion
