// TensorFlow Lite's Hexagon delegate: Qualcomm's DSP, 8-bit models only.

#include <fmt/format.h>

#include <algorithm>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

void anything(Judge&) {}

void clamps(Judge& j) { j.expect_activation(kClamps); }
void no_activation(Judge& j) { j.expect_activation(kNoActivation); }

void expect_second_quantized(Judge& j) { j.expect_type(1, kQuantized8); }

void arithmetic(Judge& j) {
  expect_second_quantized(j);
  clamps(j);
}

void expect_strides(Judge& j) {
  const int64_t w = j.n.attribute("stride_w"), h = j.n.attribute("stride_h");
  j.expect(w <= 3 && h <= 3, "stride", fmt::format("stride {}x{}; at most 3 is taken", h, w));
}

void expect_weights_and_bias(Judge& j) {
  expect_second_quantized(j);
  j.expect(j.n.input_count() == 3 && j.n.dtype(2) == DType::int32, "bias", "has no int32 bias", "add a bias of zeros");
  expect_strides(j);
  clamps(j);
}

int64_t dilation_w(const Judge& j) { return j.n.attribute("dilation_w_factor", 1); }
int64_t dilation_h(const Judge& j) { return j.n.attribute("dilation_h_factor", 1); }

void conv_2d(Judge& j) {
  expect_weights_and_bias(j);
  j.expect(dilation_w(j) == 1 && dilation_h(j) == 1, "dilation",
           fmt::format("dilation {}x{}; none is taken", dilation_h(j), dilation_w(j)));
}

void depthwise_conv_2d(Judge& j) {
  expect_weights_and_bias(j);
  const bool dilated = dilation_w(j) != 1 || dilation_h(j) != 1;
  if (dilated) {
    j.expect(j.n.attribute("stride_w") == 1 && j.n.attribute("stride_h") == 1, "dilation",
             "dilation together with a stride");
  }
  const bool one_channel = j.n.rank(0) == 4 && j.n.shape(0)[3] == 1;
  j.expect(j.n.attribute("depth_multiplier") == 1 || (one_channel && !dilated), "depth_multiplier",
           fmt::format("depth multiplier {}", j.n.attribute("depth_multiplier")));
  if (j.expect_rank(1, 4, 4)) {
    j.expect(j.n.shape(1)[1] >= 2, "filter_size", "the filter is one row high");
  }
}

void transpose_conv(Judge& j) {
  j.expect(j.n.input_count() == 3 || j.n.input_count() == 4, "inputs", "takes 3 or 4 inputs");
  expect_strides(j);
}

void fully_connected(Judge& j) {
  expect_second_quantized(j);
  j.expect(j.n.input(1).quantization.scale.size() == 1, "per_channel", "the filter has not exactly one scale",
           "quantize this layer per tensor");
  j.expect(!j.n.has_input(2) || j.n.is_constant(2), "bias", "the bias is not constant");
  j.expect(j.n.attribute("weights_format") == 0, "weights_format", "the weights are shuffled");
  j.expect(!j.n.flag("keep_num_dims"), "keep_num_dims", "keep_num_dims is set");
  clamps(j);
}

void max_pool(Judge& j) {
  no_activation(j);
  const int64_t w = j.n.attribute("filter_width"), h = j.n.attribute("filter_height");
  j.expect(j.n.attribute("padding") == 1 || (w < 13 && h < 13), "pool_window",
           fmt::format("the window {}x{} with SAME padding; below 13 is taken", h, w));
}

void all_quantized(Judge& j) {
  for (int i = 1; i < j.n.input_count(); ++i) j.expect_type(i, kQuantized8);
}

bool is_constant_int32(const Judge& j, int i) { return j.n.is_constant(i) && j.n.dtype(i) == DType::int32; }

void expect_constant_int32(Judge& j, int i, std::string_view what) {
  j.expect(is_constant_int32(j, i), "not_constant", fmt::format("{} (input {}) must be a constant int32", what, i));
}

void resize_nearest(Judge& j) { expect_constant_int32(j, 1, "the size"); }
void resize_bilinear(Judge& j) {
  expect_constant_int32(j, 1, "the size");
  j.expect(j.n.shape(1).checked_elements() == 2, "size", "the size has not two elements");
}
void arg_max(Judge& j) { j.expect_type(1, kInt32); }
void mean(Judge& j) { expect_constant_int32(j, 1, "the axes"); }
void split(Judge& j) { expect_constant_int32(j, 0, "the axis"); }
void transpose(Judge& j) { j.expect_type(1, kInt32); }

void pad(Judge& j) {
  j.expect(j.n.input_count() == 2, "inputs", "has a pad value");
  expect_constant_int32(j, 1, "the paddings");
}

void mirror_pad(Judge& j) { j.expect_constant(1, "the paddings"); }

void reshape(Judge& j) { j.expect(j.n.input_count() <= 2, "inputs", "takes at most two inputs"); }

void strided_slice(Judge& j) {
  expect_constant_int32(j, 1, "the begin");
  expect_constant_int32(j, 2, "the end");
  expect_constant_int32(j, 3, "the strides");
  j.expect(j.n.attribute("ellipsis_mask") == 0 && j.n.attribute("new_axis_mask") == 0, "mask",
           "ellipsis or new-axis mask is set");
}

void slice(Judge& j) {
  j.expect_constant(1, "the begin");
  j.expect_constant(2, "the size");
}

void only_int8(Judge& j) { j.expect_type(0, kInt8); }

struct HexagonRule {
  OpCode op;
  int least_version, most_version;
  void (*judge)(Judge&);
  int typed_input = 0;  // the input whose type must be 8-bit
};

const std::vector<HexagonRule>& rules() {
  using enum OpCode;
  static const std::vector<HexagonRule> all = {
      {ADD, 1, 2, arithmetic},
      {ARG_MAX, 1, 2, arg_max},
      {ARG_MIN, 1, 2, arg_max},
      {AVERAGE_POOL_2D, 1, 2, no_activation},
      {CONCATENATION, 1, 2, all_quantized},
      {CONV_2D, 1, 3, conv_2d},
      {DEPTHWISE_CONV_2D, 1, 3, depthwise_conv_2d},
      {DEPTH_TO_SPACE, 1, 2, anything},
      {FULLY_CONNECTED, 1, 4, fully_connected},
      {HARD_SWISH, 1, 1, anything},
      {L2_NORMALIZATION, 1, 2, no_activation},
      {LOGISTIC, 1, 2, anything},
      {MAXIMUM, 1, 2, expect_second_quantized},
      {MAX_POOL_2D, 1, 2, max_pool},
      {MEAN, 1, 2, mean},
      {MINIMUM, 1, 2, expect_second_quantized},
      {MIRROR_PAD, 1, 2, mirror_pad},
      {MUL, 1, 2, arithmetic},
      {NEG, 1, 1, anything},
      {PACK, 1, 2, all_quantized},
      {PAD, 1, 2, pad},
      {QUANTIZE, 1, 2, anything},
      {RELU, 2, 2, anything},
      {RELU6, 1, 2, anything},
      {RESHAPE, 1, 1, reshape},
      {RESIZE_BILINEAR, 1, 3, resize_bilinear},
      {RESIZE_NEAREST_NEIGHBOR, 1, 3, resize_nearest},
      {RSQRT, 2, 2, only_int8},
      {SLICE, 1, 2, slice},
      {SOFTMAX, 1, 2, anything},
      {SPACE_TO_DEPTH, 1, 2, anything},
      {SPLIT, 1, 2, split, 1},
      {SQUARED_DIFFERENCE, 2, 2, only_int8},
      {STRIDED_SLICE, 1, 2, strided_slice},
      {SUB, 1, 2, arithmetic},
      {TANH, 1, 2, anything},
      {TRANSPOSE, 1, 2, transpose},
      {TRANSPOSE_CONV, 1, 3, transpose_conv, 2},
  };
  return all;
}

std::vector<Refusal> judge_node(const NodeContext& n) {
  Judge j(n);
  const auto* rule = find_rule(rules(), n.op());
  if (rule == nullptr) {
    const bool is_reshape = n.op() == OpCode::SQUEEZE || n.op() == OpCode::EXPAND_DIMS;
    j.refuse_op("the Hexagon delegate", is_reshape ? "`monolite legalize` writes it as RESHAPE" : "");
    return j.take();
  }
  j.expect_version(rule->most_version);
  j.expect(n.version() >= rule->least_version, "op_version",
           fmt::format("operator version {}; {} is taken", n.version(), rule->least_version));
  j.expect_type(rule->typed_input, kQuantized8);
  for (int i = 0; i < n.input_count(); ++i) j.expect_rank(i, 0, 4);
  for (int i = 0; i < n.output_count(); ++i) j.expect_output_rank(0, 4, i);
  rule->judge(j);
  return j.take();
}

std::string remark(const NodeContext& n) {
  if (n.op() != OpCode::DEPTHWISE_CONV_2D) return {};
  if (n.attribute("dilation_w_factor", 1) == 1 && n.attribute("dilation_h_factor", 1) == 1) return {};
  return "dilation is emulated: the delegate puts SPACE_TO_BATCH_ND before it and BATCH_TO_SPACE_ND behind it";
}

}  // namespace

std::vector<Target> hexagon_targets() {
  Target t;
  t.name = "hexagon";
  t.description = "LiteRT's Hexagon delegate (Qualcomm DSP)";
  t.limits.most_partitions = 4;
  t.limits.least_nodes = 2;
  t.refuses_dynamic_shapes = true;
  t.at_best = true;
  t.judge = judge_node;
  t.remark = remark;
  return {std::move(t)};
}

}  // namespace monolite::delegates
