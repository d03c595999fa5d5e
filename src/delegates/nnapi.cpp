// Android's Neural Networks API, feature levels 27 (Android 8.1) to 31 (Android 12).
//
// The rules are those of TensorFlow Lite's NNAPI delegate (its validation of each node). The delegate leaves the
// runtime to infer shapes first, hence Shapes::propagated. See docs/targets/nnapi.md for what they were checked
// against.

#include <fmt/format.h>

#include <climits>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

struct Device {
  int level;
  bool accelerator;  // one is named, or NNAPI's own CPU is disallowed
};

// Levels above 31 have numbers of their own.
constexpr int kLevel6 = 1000006, kLevel7 = 1000007;

std::string level_name(int level) {
  switch (level) {
    case 28:
      return "28 (Android 9)";
    case 29:
      return "29 (Android 10)";
    case 30:
      return "30 (Android 11)";
    case 31:
      return "31 (Android 12)";
    default:
      return level > 1000000 ? fmt::format("{} (behind Android 12)", level - 1000000) : fmt::format("{}", level);
  }
}

// From this level on these types are taken too; kUnchecked: from here on the type is not looked at.
struct Since {
  int level;
  Types types;
};
constexpr Types kUnchecked = {};

struct NnapiRule {
  OpCode op;
  int most_version;
  std::vector<Since> types;  // by level; the first is the first level with the operator
  void (*more)(Judge&, const Device&) = nullptr;
  int typed_input = 0;  // the only input whose type is looked at
};
constexpr int kAnyVersion = INT_MAX;
constexpr Types kFloatOrQ8 = kFloat32 | kQuantized8;

void need_level(Judge& j, const Device& d, int level, std::string_view what) {
  if (d.level >= level) return;
  j.refuse("feature_level", fmt::format("{} needs feature level {}; this is {}", what, level_name(level), d.level),
           "target a newer Android, or take it out of the model");
}

void judge_types(Judge& j, const Device& d, const NnapiRule& rule) {
  if (d.level < rule.types.front().level) {
    return need_level(j, d, rule.types.front().level, name(rule.op));
  }
  Types allowed;
  for (const Since& since : rule.types) {
    if (d.level < since.level) break;
    if (since.types.empty()) return;
    allowed = allowed | since.types;
  }
  const DType found = j.n.dtype(rule.typed_input);
  if (allowed.contains(found)) return;
  std::string fix;
  for (const Since& since : rule.types) {
    if (fix.empty() && d.level < since.level && (since.types.empty() || since.types.contains(found))) {
      fix = fmt::format("target feature level {}, which takes it", level_name(since.level));
    }
  }
  j.refuse(
      "type",
      fmt::format("input {} is {}; at level {} {} is taken", rule.typed_input, name(found), d.level, allowed.names()),
      fix);
}

bool is_quantized8(DType t) { return kQuantized8.contains(t); }

void restricted_scales(Judge& j, const Device& d) {
  if (d.level >= 29 || j.n.dtype(0) != DType::uint8) return;
  j.expect(j.n.scale(0) * j.n.scale(1) < j.n.output_scale(), "restricted_scales",
           "before level 29 input scale x filter scale must be below the output's scale",
           "target feature level 29, or quantize with a wider output range");
}

void not_hybrid(Judge& j, const Device& d) {
  if (d.level >= 29) return;
  j.expect(j.n.dtype(0) != DType::float32 || !is_quantized8(j.n.dtype(1)), "hybrid",
           "float32 input with an 8-bit filter: not before level 29", "quantize the whole model");
}

bool is_dilated(const Judge& j) {
  return j.n.attribute("dilation_w_factor", 1) != 1 || j.n.attribute("dilation_h_factor", 1) != 1;
}

void no_dilation_before_29(Judge& j, const Device& d) {
  j.expect(d.level >= 29 || !is_dilated(j), "dilation", "dilated convolution: not before level 29",
           "target feature level 29, or take a model with output stride 32, which has no dilation");
}

void arithmetic(Judge& j, const Device&) {
  j.expect_rank(0, 0, 4);
  j.expect_rank(1, 0, 4);
  if (j.n.dtype(0) == DType::int32) j.expect_activation(kNoActivation);
}

void mul(Judge& j, const Device& d) {
  if (!d.accelerator) j.expect_version(2);
  arithmetic(j, d);
}

void both_rank_4(Judge& j, const Device&) {
  j.expect_rank(0, 0, 4);
  j.expect_rank(1, 0, 4);
}

void average_pool(Judge& j, const Device& d) {
  if (d.accelerator || !is_quantized8(j.n.dtype(0))) return;
  const int64_t h = j.n.attribute("filter_height"), w = j.n.attribute("filter_width");
  j.expect(
      w * h <= 256, "pool_window",
      fmt::format("the window {}x{} has {} elements; NNAPI's CPU takes at most 256 of a quantized model, because its "
                  "accumulator may overflow",
                  h, w, w * h),
      "name an accelerator, or let `monolite legalize` write it as an exact depthwise convolution");
}

void conv_2d(Judge& j, const Device& d) {
  j.expect(j.n.input_count() == 3, "no_bias", "has no bias", "add a bias of zeros");
  if (d.level >= 29) return;
  not_hybrid(j, d);
  j.expect(j.n.input(1).quantization.scale.size() <= 1, "per_channel",
           "a filter with a scale per channel: not before level 29", "quantize per tensor, or target feature level 29");
  restricted_scales(j, d);
  j.expect(j.n.rank(0) == 4 && j.n.rank(1) == 4 && j.n.shape(0)[3] == j.n.shape(1)[3], "grouped",
           "a grouped convolution: not before level 29", "target feature level 29");
  no_dilation_before_29(j, d);
}

void depthwise_conv_2d(Judge& j, const Device& d) {
  restricted_scales(j, d);
  no_dilation_before_29(j, d);
}

void fully_connected(Judge& j, const Device& d) {
  j.expect(j.n.output_dtype() != DType::int16, "output_type", "output 0 is int16");
  not_hybrid(j, d);
  restricted_scales(j, d);
  if (j.n.flag("keep_num_dims")) need_level(j, d, 30, "keep_num_dims");
}

void softmax(Judge& j, const Device& d) {
  j.expect_output_type(kFloatOrQ8);
  j.expect_rank(0, 0, 4);
  if (d.level >= 29) return;
  j.expect(j.n.rank(0) == 2 || j.n.rank(0) == 4, "rank",
           fmt::format("input 0 has rank {}; before level 29 2 or 4 is taken", j.n.rank(0)));
}

void reshape(Judge& j, const Device&) {
  j.expect_rank(0, 0, 4);
  j.expect_output_rank(0, 4);
  if (j.n.input_count() >= 2) {
    j.expect_constant(1, "the new shape");
    return;
  }
  const auto shape = j.n.list_attribute("new_shape");
  j.expect(!shape.empty() && shape != std::vector<int64_t>{0}, "scalar", "reshapes to a scalar");
}

void resize_flags(Judge& j, const Device& d, bool is_bilinear) {
  if (d.level >= 30) return;
  const char* const rewrite =
      is_bilinear
          ? "`monolite legalize` writes it as the exact resize without the flag; or target level 30 (Android 11)"
          : "`monolite legalize` writes it without the flag; or target level 30 (Android 11)";
  j.expect(!j.n.flag("align_corners"), "align_corners", "align_corners: not before level 30", rewrite);
  j.expect(!j.n.flag("half_pixel_centers"), "half_pixel_centers", "half_pixel_centers: not before level 30", rewrite);
}

void resize_bilinear(Judge& j, const Device& d) {
  j.expect_rank(0, 4, 4);
  j.expect_constant(1, "the size");
  if (d.level < 29) {
    const Shape& out = j.n.output_shape();
    j.expect(out.rank() == 4 && out[1] == out[2], "not_square", "before level 29 the output must be square");
  }
  resize_flags(j, d, true);
}

void resize_nearest(Judge& j, const Device& d) {
  j.expect_constant(1, "the size");
  resize_flags(j, d, false);
}

void arg_max(Judge& j, const Device&) {
  const auto axis = j.n.ints(1);
  const bool fits = j.n.dtype(1) == DType::int32 || (j.n.dtype(1) == DType::int64 && axis && axis->size() == 1 &&
                                                     (*axis)[0] == static_cast<int32_t>((*axis)[0]));
  j.expect(fits, "axis_type", "the axis must be int32, or a constant int64 that fits int32",
           "make it a constant int32");
  j.expect(static_cast<DType>(j.n.attribute("output_type")) == DType::int32, "int64_output",
           fmt::format("gives {}; NNAPI gives int32 only", name(static_cast<DType>(j.n.attribute("output_type")))),
           "`monolite legalize` makes it int32 (--keep-io adds one CAST at the end)");
}

void squeeze(Judge& j, const Device& d) {
  if (d.level != 28) return;
  j.expect(!j.n.list_attribute("squeeze_dims").empty(), "squeeze_dims",
           "at level 28 the dimensions to squeeze must be named", "`monolite legalize` writes it as RESHAPE");
}

void concatenation(Judge& j, const Device& d) {
  j.expect_activation(kNoActivation);
  j.expect_rank(0, 0, 4);
  if (d.level >= 29 || j.n.dtype(0) != DType::uint8) return;
  bool same = true;
  for (int i = 1; i < j.n.input_count(); ++i) same = same && NodeContext::same_scale(j.n.input(0), j.n.input(i));
  j.expect(same, "scales_differ", "before level 29 all inputs must share scale and zero point",
           "`monolite legalize` puts a requantization before it");
}

void pad(Judge& j, const Device& d) {
  j.expect(j.n.shape(0).checked_elements() != 0, "empty", "the input is empty");
  if (!j.expect(j.n.input_count() >= 2, "inputs", "has no paddings")) return;
  if (j.n.input_count() == 3) {
    need_level(j, d, 29, "a pad value");
  } else if (d.level < 29) {
    j.expect_type(0, kFloat32);
  }
}

void mean(Judge& j, const Device&) {
  j.expect(j.n.output_rank() > 0, "scalar", "gives a scalar");
  j.expect_rank(0, 0, 4);
}

void quantize(Judge& j, const Device& d) {
  if (is_quantized8(j.n.dtype(0))) j.expect(j.n.scale(0) > 0, "no_scale", "input 0 has no scale");
  const Types allowed = d.level < 30 ? kUint8 : kQuantized8;
  j.expect(allowed.contains(j.n.output_dtype()), "output_type",
           fmt::format("gives {}; at level {} {} is taken", name(j.n.output_dtype()), d.level, allowed.names()),
           "`monolite legalize` makes the model's edge 8-bit of the inner type; or target level 30 (Android 11)");
  j.expect(j.n.output_scale() > 0, "no_scale", "output 0 has no scale");
}

void dequantize(Judge& j, const Device& d) {
  if (d.level != 29 || j.n.dtype(0) != DType::int8) return;
  j.expect(NodeContext::zero_point(j.n.input(0)) == 0, "zero_point", "at level 29 an int8 input must have zero point 0",
           "target level 30 (Android 11)");
}

void slice(Judge& j, const Device&) {
  j.expect_type(1, kInt32);
  j.expect_type(2, kInt32);
}

void transpose(Judge& j, const Device&) { j.expect_constant(1, "the permutation"); }

void transpose_conv(Judge& j, const Device&) {
  j.expect_constant(0, "the output's shape");
  j.expect_constant(1, "the filter");
}

void expect_constant_int32(Judge& j, int input, std::string_view what) {
  j.expect(j.n.dtype(input) == DType::int32 && j.n.is_constant(input), "not_constant",
           fmt::format("{} (input {}) must be a constant int32", what, input));
}

void split(Judge& j, const Device&) { expect_constant_int32(j, 0, "the axis"); }

void split_v(Judge& j, const Device&) {
  expect_constant_int32(j, 1, "the sizes");
  expect_constant_int32(j, 2, "the axis");
  const auto sizes = j.n.ints(1), axis = j.n.ints(2);
  if (!sizes || !axis || axis->size() != 1) return;
  int64_t known = 0;
  bool has_zero = false, has_open = false;
  for (const int64_t size : *sizes) {
    has_zero = has_zero || size == 0;
    has_open = has_open || size < 0;
    known += size > 0 ? size : 0;
  }
  const int64_t at = (*axis)[0] < 0 ? (*axis)[0] + j.n.rank(0) : (*axis)[0];
  const bool open_is_empty = has_open && at >= 0 && at < j.n.rank(0) && j.n.shape(0)[static_cast<int>(at)] == known;
  j.expect(!has_zero && !open_is_empty, "empty", "a part is empty");
}

void pack(Judge& j, const Device& d) {
  if (d.level >= kLevel6) return;
  const int64_t axis = j.n.attribute("axis");
  j.expect(axis != -1 && axis != j.n.rank(0), "axis", "packs along a new last axis");
}

void unpack(Judge& j, const Device&) {
  j.expect_rank(0, 2, 4);
  const int64_t axis = j.n.attribute("axis");
  j.expect(axis != -1 && axis != j.n.rank(0) - 1, "axis", "unpacks along the last axis");
}

void gather(Judge& j, const Device&) {
  j.expect_type(1, kInt32);
  j.expect(j.n.rank(1) > 0, "rank", "the position is a scalar");
}

void cast(Judge& j, const Device& d) {
  j.expect_output_type(d.level >= 30 ? kFloat32 | kInt32 | kQuantized8 : kFloat32 | kInt32 | kUint8);
}

void batch_to_space(Judge& j, const Device&) {
  const auto crops = j.n.dtype(2) == DType::int32 ? j.n.ints(2) : std::nullopt;
  j.expect(crops == std::vector<int64_t>{0, 0, 0, 0}, "crops", "the crops must be four constant zeros");
}

void l2_normalization(Judge& j, const Device& d) {
  j.expect_activation(kNoActivation);
  if (d.level < 29) j.expect_rank(0, 4, 4);
}

void l2_pool(Judge& j, const Device& d) {
  if (d.level < 29) j.expect_activation(kNoActivation);
}

void expand_dims(Judge& j, const Device&) { expect_constant_int32(j, 1, "the axis"); }

void maximum(Judge& j, const Device&) {
  for (int i = 0; i < 2; ++i) {
    j.expect(j.n.rank(i) > 0 || j.n.is_constant(i), "scalar",
             fmt::format("input {} is a scalar that is not a constant", i));
  }
}

void tile(Judge& j, const Device&) { j.expect_type(1, kInt32); }
void top_k(Judge& j, const Device&) { expect_constant_int32(j, 1, "k"); }

void select(Judge& j, const Device&) {
  j.expect(j.n.shape(0) == j.n.shape(1), "broadcast", "condition and value have different shapes");
}

void output_not_scalar(Judge& j, const Device&) { j.expect(j.n.output_rank() > 0, "scalar", "gives a scalar"); }
void input_not_scalar(Judge& j, const Device&) { j.expect(j.n.rank(0) > 0, "scalar", "takes a scalar"); }

void fill(Judge& j, const Device&) {
  const auto fits = [](const std::vector<int64_t>& values) {
    for (const int64_t v : values) {
      if (v != static_cast<int32_t>(v)) return false;
    }
    return true;
  };
  const auto dims = j.n.ints(0);
  j.expect(dims && !dims->empty() && fits(*dims), "not_constant",
           "the shape (input 0) must be constant, of int32 values");
  const auto value = j.n.dtype(1) == DType::int64 ? j.n.ints(1) : std::nullopt;
  j.expect(!value || fits(*value), "range", "the value does not fit int32");
}

void batch_matmul(Judge& j, const Device&) {
  j.expect(j.n.dtype(0) == j.n.dtype(1), "type", "the operands have different types");
  j.expect_rank(0, 2, 4);
  const Shape &a = j.n.shape(0), &b = j.n.shape(1);
  const bool same_batch = a.rank() == b.rank() && a.rank() >= 2 && std::equal(a.begin(), a.end() - 2, b.begin());
  j.expect(same_batch, "broadcast", "the operands have different batch dimensions");
}

void two_inputs(Judge& j, const Device&) { j.expect(j.n.input_count() == 2, "inputs", "has more than two inputs"); }

void mirror_pad(Judge& j, const Device& d) {
  two_inputs(j, d);
  j.expect(j.n.shape(0).checked_elements() != 0, "empty", "the input is empty");
}

void densify(Judge& j, const Device&) { j.expect_constant(0, "the sparse tensor"); }

const std::vector<NnapiRule>& rules() {
  using enum OpCode;
  static const std::vector<NnapiRule> all = {
      {ABS, 1, {{29, kFloat32}}},
      {ADD, 2, {{27, kFloatOrQ8}, {30, kInt32}}, arithmetic},
      {ARG_MAX, 2, {{29, kFloat16 | kFloatOrQ8 | kInt32}}, arg_max},
      {ARG_MIN, 2, {{29, kFloat16 | kFloatOrQ8 | kInt32}}, arg_max},
      {AVERAGE_POOL_2D, 2, {{27, kFloatOrQ8}}, average_pool},
      {BATCH_MATMUL, 2, {{kLevel6, kFloat32 | kInt32 | kInt8}}, batch_matmul},
      {BATCH_TO_SPACE_ND, 2, {{28, kUnchecked}}, batch_to_space},
      {CAST, 1, {{29, kFloat32 | kInt32 | kUint8}, {30, kInt8}}, cast},
      {CONCATENATION, 2, {{27, kFloat16 | kFloatOrQ8}}, concatenation},
      {CONV_2D, 5, {{27, kFloat32 | kUint8}, {29, kUnchecked}}, conv_2d},
      {COS, 1, {{29, kFloat32}}},
      {DENSIFY, kAnyVersion, {{30, kUnchecked}}, densify},
      {DEPTHWISE_CONV_2D, 3, {{27, kFloat32 | kUint8}, {29, kUnchecked}}, depthwise_conv_2d},
      {DEPTH_TO_SPACE, kAnyVersion, {{27, kFloatOrQ8}}},
      {DEQUANTIZE, 2, {{27, kUint8}, {29, kInt8}}, dequantize},
      {DIV, 1, {{28, kFloat32}}, both_rank_4},
      {ELU, 1, {{30, kFloat32}}},
      {EQUAL, 2, {{29, kFloatOrQ8 | kInt32 | kBool}}},
      {EXP, 1, {{29, kFloat32}}},
      {EXPAND_DIMS, 1, {{29, kFloat16 | kFloatOrQ8 | kInt32}}, expand_dims},
      {FILL, 1, {{30, kFloat32 | kInt32 | kInt64}}, fill, 1},
      {FLOOR, 1, {{27, kUnchecked}}},
      {FULLY_CONNECTED, 5, {{27, kFloat32 | kUint8}, {29, kUnchecked}}, fully_connected},
      {GATHER, 2, {{29, kFloat16 | kFloatOrQ8 | kInt32}}, gather},
      {GREATER, 2, {{29, kFloatOrQ8 | kInt32 | kBool}}},
      {GREATER_EQUAL, 2, {{29, kFloatOrQ8 | kInt32 | kBool}}},
      {HARD_SWISH, kAnyVersion, {{27, kFloatOrQ8}}},
      {L2_NORMALIZATION, 2, {{27, kFloat32}, {29, kUnchecked}}, l2_normalization},
      {L2_POOL_2D, 1, {{27, kFloat32}}, l2_pool},
      {LEAKY_RELU, 1, {{29, kFloatOrQ8}}},
      {LESS, 2, {{29, kFloatOrQ8 | kInt32 | kBool}}},
      {LESS_EQUAL, 2, {{29, kFloatOrQ8 | kInt32 | kBool}}},
      {LOCAL_RESPONSE_NORMALIZATION, 1, {{27, kUnchecked}}},
      {LOG, 1, {{29, kFloat32}}},
      {LOGICAL_AND, 1, {{29, kBool}}},
      {LOGICAL_NOT, 1, {{29, kBool}}},
      {LOGICAL_OR, 1, {{29, kBool}}},
      {LOGISTIC, 2, {{27, kFloatOrQ8}}},
      {LOG_SOFTMAX, 1, {{29, kFloat32}}},
      {MAXIMUM, 3, {{29, kFloatOrQ8 | kInt32}}, maximum},
      {MAX_POOL_2D, 2, {{27, kFloatOrQ8}}},
      {MEAN, 2, {{28, kFloat32}, {29, kQuantized8}}, mean},
      {MINIMUM, 3, {{29, kFloatOrQ8 | kInt32}}, maximum},
      {MIRROR_PAD, 2, {{kLevel7, kFloatOrQ8 | kInt32}}, mirror_pad},
      {MUL, 3, {{27, kFloatOrQ8}, {30, kInt32}}, mul},
      {NEG, 2, {{29, kFloat32 | kInt32}}},
      {NOT_EQUAL, 2, {{29, kFloatOrQ8 | kInt32 | kBool}}},
      {PACK, 2, {{30, kFloat32 | kInt8}, {kLevel6, kInt32 | kUint8}}, pack},
      {PAD, 2, {{28, kFloatOrQ8}}, pad},
      {PADV2, 2, {{28, kFloatOrQ8}}, pad},
      {POW, 1, {{29, kFloat32}}},
      {PRELU, 1, {{29, kFloatOrQ8}}},
      {QUANTIZE, 2, {{29, kFloatOrQ8}}, quantize},
      {REDUCE_ANY, 2, {{29, kUnchecked}}, output_not_scalar},
      {REDUCE_MAX, 2, {{29, kFloatOrQ8}}, input_not_scalar},
      {REDUCE_MIN, 2, {{29, kFloatOrQ8}}, input_not_scalar},
      {REDUCE_PROD, 1, {{29, kFloat32}}, output_not_scalar},
      {RELU, 2, {{27, kFloatOrQ8}}},
      {RELU6, 2, {{27, kFloatOrQ8}}},
      {RELU_N1_TO_1, 2, {{27, kFloatOrQ8}}},
      {RESHAPE, 1, {{27, kFloatOrQ8}, {kLevel6, kInt32}}, reshape},
      {RESIZE_BILINEAR, 3, {{27, kFloat32}, {29, kQuantized8}}, resize_bilinear},
      {RESIZE_NEAREST_NEIGHBOR, 3, {{29, kFloatOrQ8}}, resize_nearest},
      {REVERSE_V2, 3, {{kLevel7, kFloatOrQ8 | kInt32}}, two_inputs},
      {RSQRT, 2, {{29, kFloat32}, {kLevel7, kQuantized8}}},
      {SELECT, 2, {{29, kFloatOrQ8 | kInt32}}, select, 1},
      {SIN, 1, {{29, kFloat32}}},
      {SLICE, 2, {{29, kFloatOrQ8 | kInt32}}, slice},
      {SOFTMAX, 2, {{27, kFloatOrQ8}}, softmax},
      {SPACE_TO_BATCH_ND, 2, {{28, kUnchecked}}},
      {SPACE_TO_DEPTH, 2, {{27, kFloatOrQ8}}},
      {SPLIT, 3, {{29, kFloat32 | kUint8 | kInt32}, {30, kInt8}}, split, 1},
      {SPLIT_V, 2, {{30, kFloatOrQ8 | kInt32}}, split_v},
      {SQRT, 1, {{29, kFloat32}}},
      {SQUARED_DIFFERENCE, 2, {{28, kFloat32}, {29, kUint8}, {30, kInt8 | kInt32}}, both_rank_4},
      {SQUEEZE, 1, {{28, kUnchecked}}, squeeze},
      {STRIDED_SLICE, 2, {{28, kFloatOrQ8}}},
      {SUB, 3, {{28, kFloat32}, {29, kQuantized8}, {30, kInt32}}, arithmetic},
      {SUM, 1, {{29, kFloat32}}, output_not_scalar},
      {TANH, 2, {{27, kFloat32}, {29, kQuantized8}}},
      {TILE, 1, {{29, kFloatOrQ8 | kInt32}}, tile},
      {TOPK_V2, 2, {{29, kFloatOrQ8 | kInt32}}, top_k},
      {TRANSPOSE, 2, {{28, kUnchecked}}, transpose},
      {TRANSPOSE_CONV, 4, {{29, kUnchecked}}, transpose_conv},
      {UNPACK, 2, {{30, kFloatOrQ8}}, unpack},
  };
  return all;
}

// Operators that the delegate knows but whose conditions are not in the table above.
bool is_recurrent(OpCode op) {
  using enum OpCode;
  return op == LSTM || op == UNIDIRECTIONAL_SEQUENCE_LSTM || op == BIDIRECTIONAL_SEQUENCE_LSTM || op == RNN ||
         op == UNIDIRECTIONAL_SEQUENCE_RNN || op == SVDF || op == LSH_PROJECTION || op == EMBEDDING_LOOKUP ||
         op == HASHTABLE_LOOKUP;
}

std::vector<Refusal> judge_node(const NodeContext& n, const Device& device) {
  Judge j(n);
  if (const NnapiRule* rule = find_rule(rules(), n.op())) {
    const bool from_float16 = n.op() == OpCode::DEQUANTIZE && device.level >= 30 && n.dtype(0) == DType::float16;
    if (from_float16 && !n.is_constant(0)) return {};
    j.expect_version(rule->most_version);
    judge_types(j, device, *rule);
    if (rule->more != nullptr) rule->more(j, device);
    return j.take();
  }
  if (is_recurrent(n.op())) {
    j.refuse("not_judged", "NNAPI has rules for it that check does not know; a device may take it");
  } else {
    j.refuse_op("NNAPI");
  }
  return j.take();
}

// Tensors that have no type in NNAPI are not looked at when nodes are judged, but stop the building of the model.
bool has_foreign_type(const NodeContext& n) {
  constexpr Types kForeign = kInt64 | DType::string | DType::resource | DType::complex64 | DType::float64 | DType::int4;
  const bool reads_it_itself = n.op() == OpCode::ARG_MAX || n.op() == OpCode::ARG_MIN || n.op() == OpCode::FILL;
  for (int i = 0; i < n.input_count(); ++i) {
    if (n.has_input(i) && kForeign.contains(n.dtype(i)) && !reads_it_itself) return true;
  }
  for (int i = 0; i < n.output_count(); ++i) {
    if (kForeign.contains(n.output_dtype(i))) return true;
  }
  return false;
}

std::string remark(const NodeContext& n, const Device& device) {
  if (has_foreign_type(n)) {
    return "taken when judged, but a tensor of it has a type that NNAPI lacks: building the model fails, and then "
           "everything runs on the CPU";
  }
  const bool is_input = n.has_input(0) && n.graph().is_input(n.input_id(0));
  if (device.level < 30 && is_input && n.dtype(0) == DType::int8) {
    return "before level 30 int8 tensors are handed over as uint8, 128 added to each value";
  }
  if (device.level < 30 && n.op() == OpCode::HARD_SWISH) return "before level 30 it is computed as several operations";
  return {};
}

Target target(Device device, std::string_view android) {
  Target t;
  t.name = fmt::format("nnapi-{}{}", device.level, device.accelerator ? "" : "-cpu");
  t.description = fmt::format("NNAPI on {}, {}", android,
                              device.accelerator ? "with an accelerator (or NNAPI's CPU disallowed)"
                                                 : "no accelerator named and NNAPI's CPU allowed");
  t.limits.most_partitions = 3;
  t.folds_float16 = true;
  t.refuses_dynamic_shapes = true;
  t.at_best = device.accelerator;
  t.judge = [device](const NodeContext& n) { return judge_node(n, device); };
  t.remark = [device](const NodeContext& n) { return remark(n, device); };
  return t;
}

}  // namespace

std::vector<Target> nnapi_targets() {
  constexpr std::string_view android[] = {"Android 8.1", "Android 9", "Android 10", "Android 11", "Android 12"};
  std::vector<Target> all;
  for (int level = 27; level <= 31; ++level) {
    for (const bool accelerator : {true, false}) all.push_back(target({level, accelerator}, android[level - 27]));
  }
  return all;
}

}  // namespace monolite::delegates
