#pragma once
// SPLIT and SPLIT_V: one input cut along a dimension, a part for each output.

#include "ops/op.h"

namespace monolite::ops {

struct Split {  // the schema's SplitOptions and SplitVOptions
  int32_t num_splits = 0;
  template <class V>
  void visit(V&& v) {
    v("num_splits", num_splits);
  }
};

// `input` is the input that is cut, `axis` the one that names the dimension.
Expected<void> verify_split(const NodeView& n, int input, int axis);
Expected<int> split_axis(const NodeView& n, int input, int axis);
// The output shapes where part i has sizes[i] slices.
Shapes split_shapes(const Shape& in, int axis, const std::vector<int64_t>& sizes);
Expected<Copies> split_copies(const NodeView& n, int input, int axis);

}  // namespace monolite::ops
