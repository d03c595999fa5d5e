#pragma once
// Another input size, output stride or batch for a trained graph, without its checkpoint: weights and quantization
// stay.

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "reshaping/geometry.h"

namespace monolite::reshaping {

struct Request {
  std::optional<int32_t> height, width;  // of the picture
  std::optional<int64_t> output_stride;
  std::optional<int32_t> batch;
  bool keeps_grid = false;  // sample where the model was trained to; else as TensorFlow would export it
};

struct Outcome {
  Shape input_before, input;
  int64_t output_stride_before = 0, output_stride = 0;
  Shift shift;     // of the maps on the picture
  Shape friendly;  // {height, width} of the nearest picture without a shift; rank 0: none near, or no shift
  std::vector<std::string> changes;  // a sentence a changed node
  int64_t macs_before = 0, macs = 0;
};

inline constexpr int32_t kMostExtent = 16384;  // of the picture's sides, and of the batch

// Changes the first graph of `model`; unchanged on an error.
//
// Errors: a node that cannot be inferred, no input or several that are pictures, a head that fits one size only,
// another output stride than strides and dilations allow.
Expected<Outcome> reshape(Model& model, const Request& request);

// The multiply-accumulates of the first graph.
int64_t macs(const Model& model);

}  // namespace monolite::reshaping
