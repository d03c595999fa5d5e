#pragma once
// What happens to a lowered graph before it is quantized or written, one pass a file. passes.inc has their order.

#include "base/expected.h"
#include "convert/lowering.h"

namespace monolite::conversion {

// What changes nothing goes: RESHAPE to the same shape, TRANSPOSE into the same order, MUL by 1, ADD of 0, PAD by
// nothing. RESHAPE of a RESHAPE and TRANSPOSE of a TRANSPOSE are one. Returns how many went.
int remove_idle(Lowered& lowered);

// Nodes that compute the same from the same are one. Returns how many went.
int merge_equal(Lowered& lowered);

// SPACE_TO_BATCH_ND, convolution, BATCH_TO_SPACE_ND -> one dilated convolution, padded by a PAD where SAME and VALID do
// not say it. With `only_before_bias` just where a constant is added behind, which is all that toco saw. Returns how
// many.
int merge_dilation(Lowered& lowered, bool only_before_bias);

// PAD with zeros, convolution with VALID -> convolution with SAME, where that puts the same zeros there. Returns how
// many.
int pad_into_convolution(Lowered& lowered);

// x * relu6(x + 3) / 6, however the product is written -> HARD_SWISH. Returns how many.
int fuse_hard_swish(Lowered& lowered);

// x * rsqrt(max(sum(x * x), epsilon)) over the innermost dimension -> L2_NORMALIZATION. Returns how many.
int fuse_l2_normalization(Lowered& lowered);

// x times the normal distribution's share below x, by erf, erfc or tanh -> GELU. Returns how many.
int fuse_gelu(Lowered& lowered);

// MAXIMUM and MINIMUM by the bounds of RELU, RELU6 and RELU_N1_TO_1 -> these. Returns how many.
int fuse_clamps(Lowered& lowered);

// max(x, slope * x) -> LEAKY_RELU; relu(x) - slope * relu(-x) -> PRELU. Returns how many.
int fuse_slopes(Lowered& lowered);

// A RESHAPE into rows before FULLY_CONNECTED goes, which reads rows anyway. (The one behind stays: keep_num_dims, which
// would do it, is known to fewer targets.) Returns how many.
int flatten_into_dense(Lowered& lowered);

// DIV by a constant -> MUL by its inverse, which more targets take. Returns how many.
int divide_as_product(Lowered& lowered);

// MUL, ADD and SUB by a constant per channel, behind a convolution or FULLY_CONNECTED (a RESHAPE that keeps the
// channels may stand between) -> its filter and bias. The steps of a trained range go with its filter. Then every such
// node but TRANSPOSE_CONV without a bias gets one of zeros. Returns how many went.
int fold_into_convolution(Lowered& lowered);

// MUL by a constant per channel before a convolution or FULLY_CONNECTED -> its filter; ADD and SUB -> its bias, where
// nothing is padded. Filters with a trained range stay. Returns how many went.
int fold_before_convolution(Lowered& lowered);

// RELU, RELU6 and RELU_N1_TO_1 -> the fused activation of what they follow. Returns how many.
int fuse_activations(Lowered& lowered);

// FAKE_QUANT nodes go; the range of each is noted for the tensor that it read. Where that has another range, a QUANTIZE
// stays in the node's place if the model is to be one of integers. Returns the ranges.
Ranges take_ranges(Lowered& lowered, bool is_for_integers);

}  // namespace monolite::conversion
