#pragma once
// The nodes that rewrites make: each with its constants added to the graph, its options and its lowest version.

#include <vector>

#include "ir/graph.h"

namespace monolite::legalize {

// `in` from `begin` on, `size` elements along each dimension.
Node slice(Graph& graph, TensorId in, TensorId out, std::vector<int32_t> begin, std::vector<int32_t> size);

// Every strides[d]-th element from begin[d] to before end[d].
Node strided_slice(Graph& graph, TensorId in, TensorId out, std::vector<int32_t> begin, std::vector<int32_t> end,
                   std::vector<int32_t> strides);

Node reshape(Graph& graph, TensorId in, TensorId out, const Shape& shape);

Node concatenation(Graph& graph, std::vector<TensorId> in, TensorId out, int32_t axis);

// RESIZE_BILINEAR without flags.
Node resize_bilinear(Graph& graph, TensorId in, TensorId out, int32_t height, int32_t width);

// 8-bit to 8-bit of other scales, or float to 8-bit.
Node quantize(Graph& graph, TensorId in, TensorId out);
Node dequantize(Graph& graph, TensorId in, TensorId out);

Node cast(Graph& graph, TensorId in, TensorId out);

// A depthwise convolution without padding whose filter has one value everywhere: [1, height, width, channels].
struct FlatFilter {
  int32_t height = 1, width = 1;
  int32_t stride_h = 1, stride_w = 1;
  int value = 1;    // of each weight; its zero point is 0
  float scale = 1;  // of the weights
  int32_t bias = 0;
  int64_t activation = 0;  // the schema's ActivationFunctionType
};
Node depthwise(Graph& graph, TensorId in, TensorId out, int32_t channels, const FlatFilter& filter);

}  // namespace monolite::legalize
