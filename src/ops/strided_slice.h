#pragma once
// STRIDED_SLICE: of each dimension the elements begin, begin + stride, … before end (inputs 1, 3, 2), as Python's
// x[a:b:c]. Bit i of a mask is about entry i of these inputs: begin_mask and end_mask: from the very start, to the very
// end; ellipsis_mask: all dimensions that no other entry is about; new_axis_mask: a new extent of 1; shrink_axis_mask:
// one element, and the dimension goes. With `offset`, ends are counted from begins.

#include <cstdint>

namespace monolite::ops {

struct StridedSlice {  // the schema's StridedSliceOptions
  int32_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_axis_mask = 0;
  bool offset = false;
  template <class V>
  void visit(V&& v) {
    v("begin_mask", begin_mask);
    v("end_mask", end_mask);
    v("ellipsis_mask", ellipsis_mask);
    v("new_axis_mask", new_axis_mask);
    v("shrink_axis_mask", shrink_axis_mask);
    v("offset", offset);
  }
};

}  // namespace monolite::ops
