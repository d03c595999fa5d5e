// VeriSilicon's tflite-vx-delegate: NPUs with the Vivante core (NXP i.MX 8M Plus, Amlogic and others).

#include <fmt/format.h>

#include <algorithm>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

void anything(Judge&) {}

bool is_known(const Judge& j) { return !j.n.graph().is_dynamic(j.n.index()); }

void known_output(Judge& j) {
  j.expect(is_known(j), "dynamic_shape", "the output's shape is not known before the graph runs");
}

void same_filter_type(Judge& j) {
  j.expect(j.n.dtype(0) == j.n.dtype(1), "hybrid",
           fmt::format("a {} filter for a {} input", name(j.n.dtype(1)), name(j.n.dtype(0))),
           "quantize the whole model");
}

void conv_2d(Judge& j) {
  same_filter_type(j);
  const Shape &in = j.n.shape(0), &filter = j.n.shape(1);
  if (in.rank() != 4 || filter.rank() != 4) return;
  j.expect(in[3] == filter[3] || in[0] == 1, "grouped", "a grouped convolution with a batch above 1");
}

void fully_connected(Judge& j) {
  same_filter_type(j);
  j.expect(j.n.attribute("weights_format") == 0, "weights_format", "the weights are shuffled");
  j.expect(j.n.dtype(0) != DType::int16, "type", "input 0 is int16");
}

void arithmetic(Judge& j) {
  j.expect(j.n.dtype(0) != DType::int16 || !kQuantized8.contains(j.n.output_dtype()), "mixed_types",
           "int16 input with 8-bit output");
  j.expect(j.n.dtype(0) != DType::int32 || j.n.attribute("fused_activation_function") != 2, "activation",
           "int32 with a fused RELU_N1_TO_1");
}

void reshape(Judge& j) {
  if (j.n.input_count() >= 2) j.expect_constant(1, "the new shape");
  j.expect(j.n.output_rank() > 0, "scalar", "gives a scalar");
}

void quantized_if_8_bits(Judge& j, int i = 0) {
  j.expect(!kQuantized8.contains(j.n.dtype(i)) || j.n.input(i).quantization.is_quantized(), "no_scale",
           "8 bits without a scale");
}

void resize(Judge& j) {
  j.expect_constant(1, "the size");
  quantized_if_8_bits(j);
}

void arg_max(Judge& j) { j.expect(j.n.rank(0) > 0 && j.n.output_rank() > 0, "scalar", "takes or gives a scalar"); }

void split(Judge& j) {
  known_output(j);
  quantized_if_8_bits(j, j.n.op() == OpCode::SPLIT ? 1 : 0);
}

void strided_slice(Judge& j) {
  for (int i = 1; i <= 3; ++i) j.expect_constant(i, i == 1 ? "the begin" : i == 2 ? "the end" : "the strides");
  j.expect(j.n.attribute("ellipsis_mask") == 0 && j.n.attribute("new_axis_mask") == 0, "mask",
           "ellipsis or new-axis mask is set");
}

void slice(Judge& j) {
  j.expect_constant(1, "the begin");
  j.expect_constant(2, "the size");
  const bool has_batch = j.n.rank(0) == 4 && j.n.output_rank() == 4;
  j.expect(!has_batch || j.n.shape(0)[0] == j.n.output_shape()[0], "batch", "slices the batch dimension");
}

void block(Judge& j) {
  j.expect(j.n.dtype(0) != DType::int32, "type", "input 0 is int32");
  quantized_if_8_bits(j);
}

void batch_space(Judge& j) {
  j.expect_rank(0, 4, 4);
  j.expect(j.n.shape(1).checked_elements() == 2, "block_shape", "the block shape has not two elements");
  known_output(j);
}

void constant_axes(Judge& j) { j.expect_constant(1, "the axes"); }

bool has_one_scale(const Tensor& t) { return t.quantization.scale.size() == 1; }

void quantize(Judge& j) {
  const DType from = j.n.dtype(0), to = j.n.output_dtype();
  j.expect(
      !((kInt32 | kInt16).contains(from) && kQuantized8.contains(to)) && !(from == DType::int16 && to == DType::int32),
      "type", fmt::format("{} to {}", name(from), name(to)));
  j.expect(has_one_scale(j.n.output()), "no_scale", "the output has not exactly one scale");
}

void dequantize(Judge& j) {
  const DType from = j.n.dtype(0);
  const bool is_quantized = j.n.input(0).quantization.is_quantized();
  j.expect(!((kInt16 | kFloat16).contains(from) && is_quantized), "type",
           fmt::format("quantized {} to float", name(from)));
  if (kQuantized8.contains(from))
    j.expect(has_one_scale(j.n.input(0)), "no_scale", "the input has not exactly one scale");
}

void batch_matmul(Judge& j) {
  j.expect(j.n.output_dtype() != DType::int32, "output_type", "output 0 is int32");
  j.expect(j.n.dtype(0) != DType::float32 || j.n.dtype(1) != DType::int8, "hybrid", "float32 times int8");
  j.expect(!(j.n.flag("adj_x") && j.n.flag("adj_y")), "transposed", "both operands are transposed");
}

void select(Judge& j) {
  j.expect(j.n.rank(0) == j.n.rank(1), "rank", "condition and values have different ranks");
  j.expect(!(kBool | kQuantized8).contains(j.n.dtype(1)), "type", fmt::format("the values are {}", name(j.n.dtype(1))));
}

void power(Judge& j) { j.expect(j.n.dtype(0) != DType::int32, "type", "input 0 is int32"); }

void cast(Judge& j) {
  constexpr Types kNever = Types(DType::complex64) | DType::uint32 | DType::uint16;
  j.expect(!kNever.contains(j.n.dtype(0)) && !kNever.contains(j.n.output_dtype()), "type",
           fmt::format("{} to {}", name(j.n.dtype(0)), name(j.n.output_dtype())));
}

void squared_difference(Judge& j) {
  const DType t = j.n.dtype(0);
  const bool is_eight = kQuantized8.contains(t) && has_one_scale(j.n.input(0)) && has_one_scale(j.n.input(1));
  j.expect(t == j.n.dtype(1) && (t == DType::float32 || is_eight), "type",
           "takes two float32 or two per-tensor 8-bit operands");
}

void one_hot(Judge& j) {
  j.expect_constant(1, "the depth");
  j.expect(j.n.output_dtype() != DType::boolean, "output_type", "output 0 is bool");
}

void conv_3d(Judge& j) {
  same_filter_type(j);
  j.expect_constant(1, "the filter");
  for (const std::string_view d : {"dilation_d_factor", "dilation_w_factor", "dilation_h_factor"}) {
    j.expect(j.n.attribute(d, 1) == 1, "dilation", fmt::format("{} is {}", d, j.n.attribute(d, 1)));
  }
}

void scatter_nd(Judge& j) { j.expect_constant(2, "the shape"); }

const std::vector<Rule>& rules() {
  using enum OpCode;
  static const std::vector<Rule> all = {
      {ABS, anything},
      {ADD, arithmetic},
      {ADD_N, anything},
      {ARG_MAX, arg_max},
      {ARG_MIN, arg_max},
      {AVERAGE_POOL_2D, anything},
      {BATCH_MATMUL, batch_matmul},
      {BATCH_TO_SPACE_ND, batch_space},
      {BROADCAST_TO, anything},
      {CAST, cast},
      {CONCATENATION, anything},
      {CONV_2D, conv_2d},
      {CONV_3D, conv_3d},
      {COS, anything},
      {DEPTHWISE_CONV_2D, same_filter_type},
      {DEPTH_TO_SPACE, block},
      {DEQUANTIZE, dequantize},
      {DIV, arithmetic},
      {ELU, anything},
      {EMBEDDING_LOOKUP, anything},
      {EQUAL, anything},
      {EXP, anything},
      {EXPAND_DIMS, constant_axes},
      {FLOOR, anything},
      {FLOOR_DIV, anything},
      {FULLY_CONNECTED, fully_connected},
      {GATHER, anything},
      {GATHER_ND, anything},
      {GELU, anything},
      {GREATER, anything},
      {GREATER_EQUAL, anything},
      {HARD_SWISH, anything},
      {HASHTABLE_LOOKUP, anything},
      {L2_NORMALIZATION, anything},
      {LEAKY_RELU, anything},
      {LESS, anything},
      {LESS_EQUAL, anything},
      {LOCAL_RESPONSE_NORMALIZATION, anything},
      {LOG, anything},
      {LOGICAL_AND, anything},
      {LOGICAL_NOT, anything},
      {LOGICAL_OR, anything},
      {LOGISTIC, anything},
      {MAXIMUM, anything},
      {MAX_POOL_2D, anything},
      {MEAN, constant_axes},
      {MINIMUM, anything},
      {MIRROR_PAD, known_output},
      {MUL, arithmetic},
      {NEG, anything},
      {NOT_EQUAL, anything},
      {ONE_HOT, one_hot},
      {PACK, anything},
      {PAD, known_output},
      {POW, power},
      {PRELU, anything},
      {QUANTIZE, quantize},
      {REDUCE_ANY, constant_axes},
      {REDUCE_MAX, constant_axes},
      {REDUCE_MIN, constant_axes},
      {REDUCE_PROD, constant_axes},
      {RELU, anything},
      {RELU6, anything},
      {RELU_N1_TO_1, anything},
      {RESHAPE, reshape},
      {RESIZE_BILINEAR, resize},
      {RESIZE_NEAREST_NEIGHBOR, resize},
      {REVERSE_V2, constant_axes},
      {RSQRT, anything},
      {SCATTER_ND, scatter_nd},
      {SELECT, select},
      {SELECT_V2, select},
      {SHAPE, anything},
      {SIN, anything},
      {SLICE, slice},
      {SOFTMAX, anything},
      {SPACE_TO_BATCH_ND, batch_space},
      {SPACE_TO_DEPTH, block},
      {SPLIT, split},
      {SPLIT_V, split},
      {SQRT, anything},
      {SQUARE, anything},
      {SQUARED_DIFFERENCE, squared_difference},
      {SQUEEZE, anything},
      {STRIDED_SLICE, strided_slice},
      {SUB, arithmetic},
      {SUM, constant_axes},
      {TANH, anything},
      {TRANSPOSE, known_output},
      {TRANSPOSE_CONV, known_output},
      {UNIDIRECTIONAL_SEQUENCE_LSTM, anything},
      {UNPACK, anything},
  };
  return all;
}

bool has_zero(const Shape& s) { return std::find(s.begin(), s.end(), 0) != s.end(); }

void judge_tensors(Judge& j) {
  for (int i = 0; i < j.n.input_count(); ++i) {
    if (!j.n.has_input(i)) continue;
    const DType t = j.n.dtype(i);
    j.expect(t != DType::string && (t != DType::int64 || j.n.op() == OpCode::BROADCAST_TO), "type",
             fmt::format("input {} is {}", i, name(t)), t == DType::int64 ? "use int32" : "");
    const Shape& s = j.n.shape(i);
    j.expect(s.rank() <= 6, "rank", fmt::format("input {} has rank {}; at most 6 is taken", i, s.rank()));
    j.expect(!has_zero(s), "empty", fmt::format("input {} has an empty dimension", i));
    for (int d = 1; d < s.rank(); ++d) {
      j.expect(s[d] <= 65535, "size", fmt::format("input {} has a side of {}; at most 65,535 is taken", i, s[d]));
    }
  }
  for (int i = 0; i < j.n.output_count(); ++i) {
    const DType t = j.n.output_dtype(i);
    j.expect(!(kInt16 | kInt64).contains(t), t == DType::int64 ? "int64_output" : "output_type",
             fmt::format("output {} is {}, which the NPU does not have", i, name(t)),
             t == DType::int64 && (j.n.op() == OpCode::ARG_MAX || j.n.op() == OpCode::ARG_MIN)
                 ? "`monolite legalize` makes it int32 (--keep-io adds one CAST at the end)"
                 : "");
    j.expect(!has_zero(j.n.output_shape(i)), "empty", fmt::format("output {} has an empty dimension", i));
  }
}

std::vector<Refusal> judge_node(const NodeContext& n) {
  Judge j(n);
  if (n.op() == OpCode::CUSTOM && (n.node().custom_code == "vsi-npu" || n.node().custom_code == "WRNN_BIDI_SEQGRU"))
    return {};
  const auto* rule = find_rule(rules(), n.op());
  if (rule == nullptr) {
    j.refuse_op("the VX delegate");
    return j.take();
  }
  judge_tensors(j);
  rule->judge(j);
  return j.take();
}

}  // namespace

std::vector<Target> vx_targets() {
  Target t;
  t.name = "vx";
  t.description = "VeriSilicon's VX delegate (Vivante NPUs: i.MX 8M Plus, Amlogic)";
  t.at_best = true;
  t.judge = judge_node;
  return {std::move(t)};
}

}  // namespace monolite::delegates
