#pragma once
// What elementwise ops share: their checks and shapes, broadcasting, and the loops over elements.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <vector>

#include "ops/node_view.h"

namespace monolite::ops {

// One input and one output of the same type, one of `allowed`.
Expected<void> expect_unary(const NodeView& n, std::initializer_list<DType> allowed);
// Two inputs of the same type, one of `allowed`, that broadcast; the output has their type.
Expected<void> expect_binary(const NodeView& n, std::initializer_list<DType> allowed);
// The shapes of inputs [first, last) broadcast to one.
Expected<void> expect_broadcast(const NodeView& n, int first, int last);

bool is_8bit(DType dtype);
// Usable quantization of all inputs and of output 0 where output 0 is of 8 bits or int16; of int16 with zero point 0.
Expected<void> expect_quantized_io(const NodeView& n);
// int16 without any quantization is plain integers for some ops: has no input and no output any?
bool is_plain_int16(const NodeView& n);

// The common shape of inputs [first, last): an extent of 1 is repeated. Call after expect_broadcast().
Shape broadcast_shape(const NodeView& n, int first, int last);

// For `infer`: the shape of input 0; the broadcast shape of inputs 0 and 1.
Shapes same_shape(const NodeView& n);
Shapes binary_shape(const NodeView& n);

// A real number as an int32, cut towards zero; what has no int32 (NaN too) gives the least one, as x86 converts.
inline int32_t truncate_to_int32(double value) {
  return value > -2147483649.0 && value < 2147483648.0 ? static_cast<int32_t>(value)
                                                       : std::numeric_limits<int32_t>::min();
}

// The loops that walk an output and up to three inputs that are broadcast to it. Dimensions that step alike are one
// loop.
struct BroadcastLoops {
  struct Loop {
    int64_t extent = 1;
    std::array<int64_t, 3> steps{};  // of each input, in elements; 0 where it is repeated
  };
  std::vector<Loop> outer;  // innermost first
  Loop row;                 // the innermost of all; its steps are 0 or 1
};
BroadcastLoops broadcast_loops(const Shape& out, std::initializer_list<const Shape*> inputs);

// Calls row(first element in the output, first elements in the inputs) for each row.
template <class Row>
void for_each_row(const BroadcastLoops& loops, Row row) {
  if (loops.row.extent == 0) return;
  std::vector<int64_t> index(loops.outer.size());
  std::array<int64_t, 3> at{};
  for (int64_t out = 0;; out += loops.row.extent) {
    row(out, at);
    size_t d = 0;
    for (; d < loops.outer.size(); ++d) {
      const BroadcastLoops::Loop& loop = loops.outer[d];
      for (size_t k = 0; k < at.size(); ++k) at[k] += loop.steps[k];
      if (++index[d] < loop.extent) break;
      for (size_t k = 0; k < at.size(); ++k) at[k] -= loop.steps[k] * loop.extent;
      index[d] = 0;
    }
    if (d == loops.outer.size()) return;
  }
}

// Output 0 is f(element of input 0, element of input 1), broadcast.
template <class A, class B, class Out, class F>
void map_binary(const Evaluation& n, F f) {
  const BroadcastLoops loops = broadcast_loops(n.output_shape(0), {&n.shape(0), &n.shape(1)});
  const auto [a_step, b_step, unused] = loops.row.steps;
  (void)unused;
  for_each_row(loops, [&, a_step = a_step, b_step = b_step](int64_t first, const std::array<int64_t, 3>& at) {
    Out* out = n.out<Out>(0) + first;
    const A* a = n.data<A>(0) + at[0];
    const B* b = n.data<B>(1) + at[1];
    const int64_t extent = loops.row.extent;
    if (a_step != 0 && b_step != 0) {
      for (int64_t i = 0; i < extent; ++i) out[i] = static_cast<Out>(f(a[i], b[i]));
    } else if (a_step != 0) {
      for (int64_t i = 0; i < extent; ++i) out[i] = static_cast<Out>(f(a[i], *b));
    } else {
      for (int64_t i = 0; i < extent; ++i) out[i] = static_cast<Out>(f(*a, b[i * b_step]));
    }
  });
}

// Output 0 is f(element of input 0).
template <class In, class Out, class F>
void map_unary(const Evaluation& n, F f) {
  const In* in = n.data<In>(0);
  Out* out = n.out<Out>(0);
  const int64_t elements = n.output_shape(0).elements();
  for (int64_t i = 0; i < elements; ++i) out[i] = static_cast<Out>(f(in[i]));
}

}  // namespace monolite::ops
