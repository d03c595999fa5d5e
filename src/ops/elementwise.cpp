#include "ops/elementwise.h"

#include <fmt/format.h>

#include <algorithm>

namespace monolite::ops {
namespace {

bool is_quantized_type(DType dtype) { return is_8bit(dtype) || dtype == DType::int16; }

// The extent of a shape `i` dimensions from its end; 1 before its first.
int32_t extent_from_end(const Shape& shape, int i) { return i < shape.rank() ? shape.back(i) : 1; }

Expected<void> expect_symmetric(const NodeView& n) {
  for (int i = 0; i < n.input_count(); ++i) {
    if (n.dtype(i) == DType::int16 && n.zero_point(i) != 0) {
      return Unexpected(n.fail_input(i, fmt::format("zero point {}", n.zero_point(i)), "0, as int16 is symmetric"));
    }
  }
  if (n.output_dtype(0) == DType::int16 && n.output_zero_point(0) != 0) {
    return Unexpected(
        n.fail_output(0, fmt::format("zero point {}", n.output_zero_point(0)), "0, as int16 is symmetric"));
  }
  return {};
}

}  // namespace

bool is_8bit(DType dtype) { return dtype == DType::int8 || dtype == DType::uint8; }

Expected<void> expect_unary(const NodeView& n, std::initializer_list<DType> allowed) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(0, allowed));
  return n.expect_same_dtype(0, 0);
}

Expected<void> expect_binary(const NodeView& n, std::initializer_list<DType> allowed) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(0, allowed));
  ML_TRY(n.expect_dtype(1, {n.dtype(0)}));
  ML_TRY(n.expect_same_dtype(0, 0));
  return expect_broadcast(n, 0, 2);
}

Expected<void> expect_broadcast(const NodeView& n, int first, int last) {
  const Shape out = broadcast_shape(n, first, last);
  for (int input = first; input < last; ++input) {
    for (int i = 0; i < n.shape(input).rank(); ++i) {
      if (n.shape(input).back(i) == 1 || n.shape(input).back(i) == out.back(i)) continue;
      std::string shapes;
      for (int k = first; k < last; ++k) shapes += (k > first ? " and " : "") + to_string(n.shape(k));
      return Unexpected(n.fail("shapes " + shapes, "extents that are equal or 1, counted from the last"));
    }
  }
  return {};
}

Expected<void> expect_quantized_io(const NodeView& n) {
  if (!is_quantized_type(n.output_dtype(0))) return {};
  for (int i = 0; i < n.input_count(); ++i) ML_TRY(n.expect_quantized(i));
  ML_TRY(n.expect_output_quantized(0));
  return expect_symmetric(n);
}

bool is_plain_int16(const NodeView& n) {
  if (n.output_dtype(0) != DType::int16 || n.output(0).quantization.is_quantized()) return false;
  for (int i = 0; i < n.input_count(); ++i) {
    if (n.input(i).quantization.is_quantized()) return false;
  }
  return true;
}

Shape broadcast_shape(const NodeView& n, int first, int last) {
  int rank = 0;
  for (int input = first; input < last; ++input) rank = std::max(rank, n.shape(input).rank());
  std::vector<int32_t> dims(static_cast<size_t>(rank), 1);
  for (int i = 0; i < rank; ++i) {
    int32_t& extent = dims[static_cast<size_t>(rank - 1 - i)];
    for (int input = first; input < last; ++input) {
      const int32_t own = extent_from_end(n.shape(input), i);
      extent = extent == 0 || own == 0 ? 0 : std::max(extent, own);
    }
  }
  return Shape(std::move(dims));
}

Shapes same_shape(const NodeView& n) { return {n.shape(0)}; }
Shapes binary_shape(const NodeView& n) { return {broadcast_shape(n, 0, 2)}; }

BroadcastLoops broadcast_loops(const Shape& out, std::initializer_list<const Shape*> inputs) {
  BroadcastLoops loops;
  if (out.elements() == 0) {
    loops.row.extent = 0;
    return loops;
  }
  BroadcastLoops::Loop* last = nullptr;
  std::array<int64_t, 3> sizes{1, 1, 1};  // elements of each input in the dimensions so far
  for (int i = 0; i < out.rank(); ++i) {
    if (out.back(i) == 1) continue;
    BroadcastLoops::Loop loop{out.back(i), {}};
    bool joins = last != nullptr;
    size_t k = 0;
    for (const Shape* input : inputs) {
      const int32_t extent = extent_from_end(*input, i);
      loop.steps[k] = extent == 1 ? 0 : sizes[k];
      sizes[k] *= extent;
      joins = joins && loop.steps[k] == last->steps[k] * last->extent;
      ++k;
    }
    if (joins) {
      last->extent *= loop.extent;
    } else if (last == nullptr) {
      loops.row = loop;
      last = &loops.row;
    } else {
      loops.outer.push_back(loop);
      last = &loops.outer.back();
    }
  }
  return loops;
}

}  // namespace monolite::ops
