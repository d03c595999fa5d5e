// Coral's Edge TPU, as its closed compiler maps operators: by the documentation, and by what its published compiled
// files show. It maps one part, from the start to the first operator that it cannot.

#include <fmt/format.h>

#include <algorithm>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

void anything(Judge&) {}

void same_dilation(Judge& j) {
  j.expect(j.n.attribute("dilation_w_factor", 1) == j.n.attribute("dilation_h_factor", 1), "dilation",
           "the dilation differs between x and y");
}

void no_activation(Judge& j) { j.expect_activation(kNoActivation); }

// Every dimension but the innermost is 1.
bool is_one_dimensional(const Shape& s) {
  return s.rank() < 2 || std::all_of(s.begin(), s.end() - 1, [](int32_t d) { return d == 1; });
}

void fully_connected(Judge& j) {
  j.expect(j.n.attribute("weights_format") == 0, "weights_format", "the weights are shuffled");
  j.expect(is_one_dimensional(j.n.output_shape()), "shape", "the output has more than one dimension");
}

void concatenation(Judge& j) {
  no_activation(j);
  for (int i = 0; i < j.n.input_count(); ++i) {
    if (!j.n.is_constant(i)) continue;
    const Tensor& t = j.n.input(i);
    bool is_zero = j.n.input_count() == 2;
    for (size_t k = 0; is_zero && k < t.data.size_bytes(); ++k) {
      const int64_t value = t.dtype == DType::uint8 ? int64_t{t.data.get<uint8_t>(k)} : int64_t{t.data.get<int8_t>(k)};
      is_zero = value == NodeContext::zero_point(t);
    }
    j.expect(is_zero, "constant_input", "a constant input must be the second of two, and zero");
  }
}

// Calls `f` with each axis, from the front, of a constant list of axes. A scalar has none, whatever the list says.
template <class F>
void for_axes(Judge& j, F f) {
  const auto axes = j.n.ints(1);
  if (!j.expect(axes.has_value(), "not_constant", "the axes are not constant") || j.n.rank(0) == 0) return;
  for (const int64_t a : *axes) f(a < 0 ? a + j.n.rank(0) : a);
}

void not_over_batch(Judge& j, int64_t axis) {
  j.expect(axis > 0 || j.n.rank(0) < 4, "batch", "reduces the batch dimension");
}

void reduction(Judge& j) {
  for_axes(j, [&](int64_t axis) { not_over_batch(j, axis); });
}

void mean(Judge& j) {
  for_axes(j, [&](int64_t axis) {
    not_over_batch(j, axis);
    if (axis == j.n.rank(0) - 1) {
      j.expect(j.n.shape(0).back(0) % 4 == 0, "channels", "reduces a depth that is no multiple of 4");
    }
  });
}

void pad(Judge& j) {
  const auto p = j.n.ints(1);
  if (!j.expect(p.has_value(), "not_constant", "the paddings are not constant")) return;
  if (j.n.rank(0) == 4 && p->size() == 8) j.expect((*p)[0] == 0 && (*p)[1] == 0, "batch", "pads the batch dimension");
}

void not_along_batch(Judge& j) {
  const bool is_split = j.n.op() == OpCode::SPLIT;
  const auto axis = is_split ? j.n.ints(0) : std::optional(std::vector<int64_t>{j.n.attribute("axis")});
  const int rank = is_split ? j.n.rank(1) : j.n.output_rank();
  if (!j.expect(axis && axis->size() == 1, "not_constant", "the axis is not constant")) return;
  j.expect(rank < 4 || ((*axis)[0] != 0 && (*axis)[0] != -rank), "batch", "works along the batch dimension");
}

void prelu(Judge& j) { j.expect(is_one_dimensional(j.n.shape(1)), "shape", "alpha has more than one dimension"); }

// The sizes that the compiler maps are not published. Its compiled files show 2x mapped and 1x1 to 33x33 not; anything
// larger than 2x is counted as refused.
void resize(Judge& j) {
  const Shape &in = j.n.shape(0), &out = j.n.output_shape();
  if (!j.expect(in.rank() == 4 && out.rank() == 4, "rank", "rank 4 is taken")) return;
  j.expect(
      out[1] <= int64_t{2} * in[1] && out[2] <= int64_t{2} * in[2], "resize_size",
      fmt::format("{}x{} to {}x{}: the compiler leaves some sizes out to keep precision and does not publish which; "
                  "its compiled files show 2x mapped and 1x1 to 33x33 not",
                  in[1], in[2], out[1], out[2]),
      "let the compiler decide, or end the model before it (`monolite edit --split`)");
}

void softmax(Judge& j) {
  j.expect(is_one_dimensional(j.n.shape(0)), "shape", "more than one dimension");
  const auto elements = j.n.shape(0).checked_elements();
  j.expect(elements && *elements <= 16000, "size", "more than 16,000 elements");
}

void squeeze(Judge& j) {
  const Shape &in = j.n.shape(0), &out = j.n.output_shape();
  const int cut = in.rank() - out.rank();
  bool leading = cut >= 0;
  for (int i = 0; leading && i < in.rank(); ++i) leading = i < cut ? in[i] == 1 : in[i] == out[i - cut];
  j.expect(leading, "axis", "removes a dimension that does not stand in front",
           "`monolite legalize` writes it as RESHAPE");
}

void strided_slice(Judge& j) {
  const auto strides = j.n.ints(3);
  j.expect(strides && std::all_of(strides->begin(), strides->end(), [](int64_t s) { return s == 1; }), "stride",
           "the strides are not constants of 1");
  j.expect(j.n.attribute("ellipsis_mask") == 0 && j.n.attribute("new_axis_mask") == 0, "mask",
           "ellipsis or new-axis mask is set");
}

const std::vector<Rule>& rules() {
  using enum OpCode;
  static const std::vector<Rule> all = {
      {ADD, anything},
      {AVERAGE_POOL_2D, no_activation},
      {CONCATENATION, concatenation},
      {CONV_2D, same_dilation},
      {DEPTHWISE_CONV_2D, same_dilation},
      {EXPAND_DIMS, anything},
      {FULLY_CONNECTED, fully_connected},
      {L2_NORMALIZATION, anything},
      {LOGISTIC, anything},
      {LSTM, anything},
      {MAXIMUM, anything},
      {MAX_POOL_2D, no_activation},
      {MEAN, mean},
      {MINIMUM, anything},
      {MUL, anything},
      {PACK, not_along_batch},
      {PAD, pad},
      {PADV2, pad},
      {PRELU, prelu},
      {QUANTIZE, anything},
      {REDUCE_MAX, reduction},
      {REDUCE_MIN, reduction},
      {RELU, anything},
      {RELU6, anything},
      {RELU_N1_TO_1, anything},
      {RESHAPE, anything},
      {RESIZE_BILINEAR, resize},
      {RESIZE_NEAREST_NEIGHBOR, resize},
      {RSQRT, anything},
      {SLICE, anything},
      {SOFTMAX, softmax},
      {SPACE_TO_DEPTH, anything},
      {SPLIT, not_along_batch},
      {SQUARED_DIFFERENCE, anything},
      {SQUEEZE, squeeze},
      {STRIDED_SLICE, strided_slice},
      {SUB, anything},
      {SUM, reduction},
      {TANH, anything},
      {TRANSPOSE, anything},
      {TRANSPOSE_CONV, anything},
      {UNIDIRECTIONAL_SEQUENCE_LSTM, anything},
  };
  return all;
}

// Only the three innermost dimensions may be above 1.
bool fits_three(const Shape& s) {
  for (int i = 0; i + 3 < s.rank(); ++i) {
    if (s[i] != 1) return false;
  }
  return true;
}

void expect_tensors(Judge& j) {
  bool is_eight = true, fits = true;
  for (int i = 0; i < j.n.input_count(); ++i) {
    if (!j.n.has_input(i) || j.n.is_constant(i) || j.n.input(i).is_variable) continue;
    is_eight = is_eight && kQuantized8.contains(j.n.dtype(i));
    fits = fits && fits_three(j.n.shape(i));
  }
  for (int i = 0; i < j.n.output_count(); ++i) {
    is_eight = is_eight && kQuantized8.contains(j.n.output_dtype(i));
    fits = fits && fits_three(j.n.output_shape(i));
  }
  j.expect(is_eight, "type", "works on tensors that are not 8-bit quantized",
           "quantize the model to 8 bits (`monolite convert --inference_type=INT8` from a trained graph)");
  j.expect(fits, "rank", "a dimension before the three innermost is above 1",
           "use a batch of 1 (`monolite reshape --batch 1`)");
}

std::vector<Refusal> judge_node(const NodeContext& n) {
  Judge j(n);
  if (n.op() == OpCode::CUSTOM && n.node().custom_code == "edgetpu-custom-op") {
    j.refuse("compiled", "a program for the Edge TPU already, not a model: there is nothing left to compile",
             "check the model that it was compiled from");
    return j.take();
  }
  const auto* rule = find_rule(rules(), n.op());
  if (rule == nullptr) {
    j.refuse_op("the Edge TPU compiler's list");
    return j.take();
  }
  expect_tensors(j);
  rule->judge(j);
  return j.take();
}

}  // namespace

std::vector<Target> edgetpu_targets() {
  Target t;
  t.name = "edgetpu";
  t.description = "Coral's Edge TPU, as its compiler documents it";
  t.limits.most_partitions = 1;
  t.limits.keep = Keep::first;
  t.refuses_dynamic_shapes = true;
  t.at_best = true;
  t.judge = judge_node;
  return {std::move(t)};
}

}  // namespace monolite::delegates
