// TensorFlow Lite's GPU delegate (OpenCL, OpenGL), with 8-bit models allowed, as is its default.
//
// A node must pass the operator check and be in the delegate's own list with a version that it reads; where the two
// lists differ, the table below holds what passes both.

#include <fmt/format.h>

#include <algorithm>
#include <climits>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

constexpr int kAnyVersion = INT_MAX;
// Everything that clamps, and TANH; the schema's SIGN_BIT is not taken.
constexpr std::initializer_list<int> kGpuActivations = {0, 1, 2, 3, 4};

int count_inputs(const Judge& j, bool constants) {
  int count = 0;
  for (int i = 0; i < j.n.input_count(); ++i) count += j.n.has_input(i) && j.n.is_constant(i) == constants ? 1 : 0;
  return count;
}
int runtime_inputs(const Judge& j) { return count_inputs(j, false); }
int constant_inputs(const Judge& j) { return count_inputs(j, true); }

bool expect_runtime_inputs(Judge& j, int least, int most) {
  const int found = runtime_inputs(j);
  return j.expect(found >= least && found <= most, "inputs",
                  fmt::format("{} inputs that are not constant; {} taken", found,
                              least == most ? fmt::format("{} is", most) : fmt::format("{} or {} are", least, most)),
                  "make the others constants of the model");
}

void one_input(Judge& j) { expect_runtime_inputs(j, 1, 1); }
void anything(Judge&) {}

void elementwise_one(Judge& j) {
  one_input(j);
  j.expect(constant_inputs(j) == 0, "inputs", "has a constant input");
}

void two_runtime_or_one_constant(Judge& j) {
  const int runtime = runtime_inputs(j), constant = constant_inputs(j);
  j.expect((runtime == 2 && constant == 0) || (runtime == 1 && constant == 1), "inputs",
           "takes two computed inputs, or one and a constant");
}

void with_activation(Judge& j) {
  two_runtime_or_one_constant(j);
  j.expect_activation(kGpuActivations);
}

// Ranks that differ are broadcast in three cases only.
void expect_broadcast(Judge& j) {
  const Shape &a = j.n.shape(0), &b = j.n.shape(1);
  if (a.rank() <= 1 || b.rank() <= 1 || a.rank() == b.rank()) return;
  const Shape &big = a.rank() > b.rank() ? a : b, &small = a.rank() > b.rank() ? b : a;
  const bool is_taken = big.rank() == 4 && ((small.rank() == 3 && big[0] == 1) ||
                                            (small.rank() == 2 && big[0] == 1 && small[0] == 1 && small[1] == 1) ||
                                            (small.rank() == 2 && big[0] == small[0] && big[3] == small[1]));
  j.expect(is_taken, "broadcast", fmt::format("does not broadcast {} with {}", to_string(a), to_string(b)),
           "give both operands the same rank with a RESHAPE");
}

void add(Judge& j) {
  if (j.expect(j.n.input_count() == 2, "inputs", "takes two inputs")) expect_broadcast(j);
}

void mul(Judge& j) {
  add(j);
  j.expect_activation(kGpuActivations);
}

void add_n(Judge& j) { j.expect(j.n.input_count() == 2, "inputs", "takes two inputs"); }

void expect_positive(Judge& j, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    j.expect(j.n.attribute(name) > 0, "attribute", fmt::format("{} is {}", name, j.n.attribute(name)));
  }
}

void pool(Judge& j) {
  one_input(j);
  j.expect(j.n.output_count() == 1, "outputs", "has more than one output");
  expect_positive(j, {"filter_width", "filter_height", "stride_w", "stride_h"});
  j.expect_activation(kGpuActivations);
}

void convolution(Judge& j) {
  expect_runtime_inputs(j, 1, 2);
  expect_positive(j, {"stride_w", "stride_h"});
  j.expect(j.n.attribute("dilation_w_factor", 1) > 0 && j.n.attribute("dilation_h_factor", 1) > 0, "attribute",
           "a dilation is not positive");
  j.expect_activation(kGpuActivations);
}

void depthwise(Judge& j) {
  convolution(j);
  bool all_4 = j.expect_rank(0, 4, 4);
  all_4 = j.expect_rank(1, 4, 4) && all_4;
  all_4 = j.expect_output_rank(4, 4) && all_4;
  if (!all_4) return;
  const Shape &in = j.n.shape(0), &filter = j.n.shape(1), &out = j.n.output_shape();
  j.expect(in[0] == out[0], "batch", "input and output have different batches");
  j.expect(filter[3] == out[3] && out[3] == in[3] * j.n.attribute("depth_multiplier"), "channels",
           "output channels are not input channels times the depth multiplier");
  if (j.n.has_input(2)) {
    j.expect(j.n.shape(2).checked_elements() == out[3], "bias", "the bias has not one value per channel");
  }
}

void transpose_conv(Judge& j) {
  expect_runtime_inputs(j, 1, 2);
  expect_positive(j, {"stride_w", "stride_h"});
}

void fully_connected(Judge& j) {
  j.expect(j.n.attribute("weights_format") == 0, "weights_format", "the weights are shuffled");
  j.expect(runtime_inputs(j) <= 2, "inputs", "more than two inputs are not constant");
  j.expect(!j.n.is_constant(0), "constant_input", "the input is a constant", "`monolite legalize` folds it");
  if (j.n.flag("keep_num_dims"))
    j.expect(j.n.rank(0) == j.n.output_rank(), "rank", "input and output have different ranks");
}

void resize_bilinear(Judge& j) {
  one_input(j);
  j.expect(!(j.n.flag("align_corners") && j.n.flag("half_pixel_centers")), "flags",
           "align_corners and half_pixel_centers are both set");
}

void softmax(Judge& j) {
  j.expect(j.n.real_attribute("beta") == 1, "beta",
           fmt::format("beta is {:g}; 1 is taken", j.n.real_attribute("beta")));
}

void reduction(Judge& j) {
  one_input(j);
  j.expect(j.n.is_constant(1) && j.n.dtype(1) == DType::int32, "axes", "the axes must be a constant int32");
}

void pad(Judge& j) {
  one_input(j);
  const Shape& p = j.n.shape(1);
  j.expect(p.rank() == 2 && (p[0] == 3 || p[0] == 4) && p[1] == 2, "paddings",
           fmt::format("paddings of shape {}; 4x2 or 3x2 is taken", to_string(p)));
}

void mirror_pad(Judge& j) {
  pad(j);
  j.expect(j.n.attribute("mode") == 0, "mode", "the mode SYMMETRIC is not taken, REFLECT is");
}

void slice(Judge& j) {
  j.expect(j.n.input_count() >= 3, "inputs", "takes three inputs");
  j.expect_rank(0, 3, 4);
}

void strided_slice(Judge& j) {
  for (const std::string_view mask : {"ellipsis_mask", "new_axis_mask", "shrink_axis_mask"}) {
    j.expect(j.n.attribute(mask) == 0, "mask", fmt::format("{} is set", mask));
  }
  j.expect(j.n.input_count() >= 4, "inputs", "takes four inputs");
  j.expect_rank(0, 3, 4);
}

void gather(Judge& j) {
  two_runtime_or_one_constant(j);
  j.expect_rank(1, 1, 1);
  j.expect_type(1, kInt32);
}

void cast(Judge& j) {
  const DType from = j.n.dtype(0), to = j.n.output_dtype();
  const Types floats = kFloat16 | kFloat32, numbers = kFloat32 | kInt32;
  j.expect((kBool.contains(from) && floats.contains(to)) || (floats.contains(from) && kBool.contains(to)) ||
               (numbers.contains(from) && numbers.contains(to)),
           "type", fmt::format("casts {} to {}", name(from), name(to)));
}

void block(Judge& j) {
  one_input(j);
  j.expect(j.n.attribute("block_size") > 1, "block_size", "the block size is not above 1");
}

void dequantize(Judge& j) { j.expect(j.n.dtype(0) != DType::int16, "type", "input 0 is int16"); }

bool is_scalar_or_like_output(const Judge& j, int i) {
  const Shape& s = j.n.shape(i);
  return s.rank() == 0 || s == j.n.output_shape() || (s.rank() == 1 && s[0] <= 1);
}

bool broadcasts_to(const Shape& small, const Shape& big) {
  if (small.rank() > big.rank()) return false;
  for (int i = 0; i < small.rank(); ++i) {
    if (small.back(i) != big.back(i) && small.back(i) != 1) return false;
  }
  return true;
}

void select(Judge& j) {
  if (!j.expect(j.n.input_count() == 3, "inputs", "takes three inputs")) return;
  j.expect_type(0, kBool | kFloat16 | kFloat32);
  j.expect(broadcasts_to(j.n.shape(0), j.n.output_shape()), "broadcast",
           "the condition does not broadcast to the output");
  for (const int i : {1, 2}) {
    j.expect(is_scalar_or_like_output(j, i), "broadcast",
             fmt::format("input {} is neither a scalar nor like the output", i));
    j.expect(j.n.is_constant(i) || j.n.rank(i) != 2, "rank", fmt::format("input {} has rank 2 and is not constant", i));
  }
}

void one_hot(Judge& j) {
  j.expect_type(0, kInt32);
  for (const int i : {2, 3}) {
    j.expect(j.n.is_constant(i) && j.n.dtype(i) == DType::float32 && j.n.shape(i).checked_elements() <= 1, "value",
             "the on and off values must be constant float32 scalars");
  }
  j.expect(j.n.attribute("axis") == -1, "axis", "the axis is not the last");
}

void cumsum(Judge& j) {
  j.expect_type(0, kFloat16 | kFloat32);
  j.expect(j.n.is_constant(1) && j.n.dtype(1) == DType::int32, "axis", "the axis must be a constant int32");
}

void batch_matmul(Judge& j) {
  j.expect(j.n.input_count() == 2 && j.n.output_count() == 1, "inputs", "takes two inputs");
}

void lstm(Judge& j) {
  const bool is_basic = j.n.attribute("kernel_type") == 1;
  if (!is_basic) {
    j.expect(j.n.input_count() == 20 || j.n.input_count() == 24, "inputs", "takes 20 or 24 inputs");
    return;
  }
  j.expect(j.n.attribute("fused_activation_function") == 4, "activation", "the activation is not TANH");
  j.expect(j.n.real_attribute("cell_clip") == 0 && j.n.real_attribute("proj_clip") == 0, "clip",
           "clips its cell or projection");
  j.expect(j.n.output_rank(3) == 0 || j.n.output_shape(3).back(0) % 4 == 0, "channels",
           "the depth is not a multiple of 4");
}

struct GpuRule {
  OpCode op;
  int most_version;
  void (*judge)(Judge&);
};

const std::vector<GpuRule>& rules() {
  using enum OpCode;
  static const std::vector<GpuRule> all = {
      {ABS, 2, elementwise_one},
      {ADD, 2, add},
      {ADD_N, kAnyVersion, add_n},
      {AVERAGE_POOL_2D, 2, pool},
      {BATCH_MATMUL, kAnyVersion, batch_matmul},
      {CAST, kAnyVersion, cast},
      {CONCATENATION, 2, anything},
      {CONV_2D, 6, convolution},
      {COS, 2, elementwise_one},
      {CUMSUM, 1, cumsum},
      {DEPTHWISE_CONV_2D, 6, depthwise},
      {DEPTH_TO_SPACE, kAnyVersion, block},
      {DEQUANTIZE, 3, dequantize},
      {DIV, 2, with_activation},
      {ELU, 2, elementwise_one},
      {EQUAL, 2, two_runtime_or_one_constant},
      {EXP, 2, elementwise_one},
      {FLOOR, 2, elementwise_one},
      {FLOOR_DIV, 2, two_runtime_or_one_constant},
      {FLOOR_MOD, 2, two_runtime_or_one_constant},
      {FULLY_CONNECTED, 9, fully_connected},
      {GATHER, 1, gather},
      {GELU, 2, elementwise_one},
      {GREATER, 2, two_runtime_or_one_constant},
      {GREATER_EQUAL, 2, two_runtime_or_one_constant},
      {HARD_SWISH, kAnyVersion, one_input},
      {LEAKY_RELU, 2, anything},
      {LESS, 2, two_runtime_or_one_constant},
      {LESS_EQUAL, 2, two_runtime_or_one_constant},
      {LOG, 2, elementwise_one},
      {LOGICAL_AND, 2, two_runtime_or_one_constant},
      {LOGISTIC, 2, elementwise_one},
      {LSTM, 4, lstm},
      {MAXIMUM, 2, two_runtime_or_one_constant},
      {MAX_POOL_2D, 2, pool},
      {MEAN, kAnyVersion, reduction},
      {MINIMUM, 2, two_runtime_or_one_constant},
      {MIRROR_PAD, 2, mirror_pad},
      {MUL, 3, mul},
      {NEG, 2, elementwise_one},
      {NOT_EQUAL, 2, two_runtime_or_one_constant},
      {ONE_HOT, 1, one_hot},
      {PACK, kAnyVersion, anything},
      {PAD, 2, pad},
      {PADV2, 2, pad},
      {POW, 2, two_runtime_or_one_constant},
      {PRELU, 1, anything},
      {QUANTIZE, 2, one_input},
      {REDUCE_MAX, kAnyVersion, reduction},
      {REDUCE_MIN, kAnyVersion, reduction},
      {REDUCE_PROD, kAnyVersion, reduction},
      {RELU, 2, anything},
      {RELU6, 2, anything},
      {RELU_0_TO_1, kAnyVersion, anything},
      {RELU_N1_TO_1, 2, anything},
      {RESHAPE, 1, one_input},
      {RESIZE_BILINEAR, 3, resize_bilinear},
      {RESIZE_NEAREST_NEIGHBOR, 3, one_input},
      {RSQRT, 2, elementwise_one},
      {SELECT, 1, select},
      {SELECT_V2, 1, select},
      {SIGN, 2, elementwise_one},
      {SIN, 2, elementwise_one},
      {SLICE, 2, slice},
      {SOFTMAX, 2, softmax},
      {SPACE_TO_DEPTH, 2, block},
      {SPLIT, kAnyVersion, anything},
      {SPLIT_V, kAnyVersion, anything},
      {SQRT, 2, elementwise_one},
      {SQUARE, 2, elementwise_one},
      {SQUARED_DIFFERENCE, 2, two_runtime_or_one_constant},
      {STRIDED_SLICE, 4, strided_slice},
      {SUB, 2, with_activation},
      {SUM, kAnyVersion, reduction},
      {TANH, 2, elementwise_one},
      {TILE, kAnyVersion, one_input},
      {TRANSPOSE, 4, one_input},
      {TRANSPOSE_CONV, 3, transpose_conv},
      {UNPACK, kAnyVersion, anything},
  };
  return all;
}

bool is_comparison(OpCode op) {
  using enum OpCode;
  return op == EQUAL || op == NOT_EQUAL || op == LESS || op == LESS_EQUAL || op == GREATER || op == GREATER_EQUAL ||
         op == LOGICAL_AND;
}

// Types of tensors that the graph computes; constants are converted and may have any.
void expect_tensor_types(Judge& j) {
  using enum OpCode;
  const OpCode op = j.n.op();
  Types in = kFloat32 | kFloat16 | kQuantized8, out = in;
  if (op == CAST) in = out = in | kBool | kInt32;
  if (is_comparison(op)) out = out | kBool;
  if (op == ONE_HOT || op == GATHER) in = in | kInt32;
  if (op == SELECT || op == SELECT_V2 || op == LOGICAL_AND) in = in | kBool;
  for (int i = 0; i < j.n.input_count(); ++i) {
    if (j.n.has_input(i) && !j.n.is_constant(i)) j.expect_type(i, in);
  }
  for (int i = 0; i < j.n.output_count(); ++i) j.expect_output_type(out, i);
}

void expect_ranks(Judge& j) {
  for (int i = 0; i < j.n.input_count(); ++i) j.expect_rank(i, 0, 4);
  for (int i = 0; i < j.n.output_count(); ++i) j.expect_output_rank(0, 4, i);
}

bool is_known_custom(const Node& node) {
  constexpr std::string_view known[] = {"Convolution2DTransposeBias", "MaxPoolingWithArgmax2D", "MaxUnpooling2D",
                                        "Resampler"};
  return std::find(std::begin(known), std::end(known), node.custom_code) != std::end(known);
}

std::string_view cure(OpCode op) {
  using enum OpCode;
  switch (op) {
    case SQUEEZE:
    case EXPAND_DIMS:
      return "`monolite legalize` writes it as RESHAPE";
    case ARG_MAX:
    case ARG_MIN:
      return "let the model end before it (`monolite edit --outputs`) and take the index on the CPU: it is the last "
             "step";
    case SPACE_TO_BATCH_ND:
    case BATCH_TO_SPACE_ND:
      return "`monolite legalize` folds SPACE_TO_BATCH_ND, convolution, BATCH_TO_SPACE_ND into a dilated convolution";
    default:
      return "";
  }
}

std::vector<Refusal> judge_node(const NodeContext& n) {
  Judge j(n);
  const auto* rule = find_rule(rules(), n.op());
  if (rule != nullptr) {
    j.expect_version(rule->most_version);
    rule->judge(j);
  } else if (n.op() != OpCode::CUSTOM || !is_known_custom(n.node())) {
    j.refuse_op("the GPU delegate", cure(n.op()));
    return j.take();
  }
  expect_tensor_types(j);
  expect_ranks(j);
  return j.take();
}

std::string remark(const NodeContext& n) {
  const bool is_input = n.has_input(0) && n.graph().is_input(n.input_id(0)) && kQuantized8.contains(n.dtype(0));
  return is_input
             ? "8-bit tensors are computed in float: not faster than the float model, and not its integers' results"
             : "";
}

}  // namespace

std::vector<Target> gpu_targets() {
  Target t;
  t.name = "gpu";
  t.description = "LiteRT's GPU delegate (OpenCL, OpenGL), 8-bit models computed in float";
  t.limits.most_partitions = 1;
  t.folds_float16 = true;
  t.refuses_dynamic_shapes = true;
  t.judge = judge_node;
  t.remark = remark;
  return {std::move(t)};
}

}  // namespace monolite::delegates
