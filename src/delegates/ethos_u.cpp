// Arm's Ethos-U55, U65 and U85, as the compiler vela places operators on them. Vela reads the shapes that stand in the
// file and infers none.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

struct Npu {
  std::string_view name;
  bool is_u85;
};

constexpr Types kFeatureMap = kQuantized8 | kInt16 | kInt32;

// What U55 and U65 ask of an operator besides its own rule.
enum class Width { any, no_32 };

struct EthosRule {
  OpCode op;
  Width width;  // U55, U65: 32-bit feature maps refused?
  void (*more)(Judge&, const Npu&) = nullptr;
  bool only_u85 = false;
};

bool is_one_of(OpCode op, std::initializer_list<OpCode> list) {
  return std::find(list.begin(), list.end(), op) != list.end();
}

bool has_weights(OpCode op) {
  using enum OpCode;
  return is_one_of(op, {CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV});
}

bool needs_no_scales(OpCode op, bool is_u85) {
  using enum OpCode;
  if (is_one_of(op, {ARG_MAX, MIRROR_PAD, PAD, PADV2, QUANTIZE, TRANSPOSE, EXPAND_DIMS})) return true;
  return is_u85 && is_one_of(op, {GATHER, SCATTER_ND, SELECT, SELECT_V2, REDUCE_ALL, REDUCE_ANY});
}

// General rules for one tensor that the node computes with.
void judge_tensor(Judge& j, const Npu& npu, const Tensor& t, const std::string& where, bool is_weight) {
  Types allowed = kFeatureMap;
  if (npu.is_u85) allowed = allowed | kBool;
  if (j.n.op() == OpCode::ARG_MAX) allowed = allowed | kInt64;
  if (!allowed.contains(t.dtype)) {
    j.refuse("type", fmt::format("{} is {}; {} is taken", where, name(t.dtype), allowed.names()),
             is_float(t.dtype)
                 ? "quantize the model to 8 bits (`monolite convert --inference_type=INT8` from a trained graph)"
                 : "");
    return;
  }
  if (t.dtype == DType::boolean || needs_no_scales(j.n.op(), npu.is_u85)) return;
  const bool only_moves = is_one_of(j.n.op(), {OpCode::RESHAPE, OpCode::SQUEEZE, OpCode::EXPAND_DIMS});
  if (only_moves && t.dtype == DType::int32) return;
  const auto& scales = t.quantization.scale;
  j.expect(!scales.empty() && std::all_of(scales.begin(), scales.end(), [](float s) { return s > 0; }), "no_scale",
           fmt::format("{} has no positive scale", where), "quantize the model");
  j.expect(scales.size() <= 1 || is_weight, "per_channel", fmt::format("{} has a scale per channel", where));
  if (t.dtype == DType::int32) {
    j.expect(NodeContext::zero_point(t) == 0, "zero_point", fmt::format("{} is int32 with a zero point", where));
  }
}

void judge_tensors(Judge& j, const Npu& npu) {
  const int weights = has_weights(j.n.op()) ? 1 : -1;
  for (int i = 0; i < j.n.input_count(); ++i) {
    if (!j.n.has_input(i)) continue;
    // Constants that are no operands (shapes, axes, biases) have rules of their own.
    const bool is_parameter = j.n.is_constant(i) && (kInt32 | kInt64).contains(j.n.dtype(i));
    if (!is_parameter) judge_tensor(j, npu, j.n.input(i), fmt::format("input {}", i), i == weights);
  }
  for (int i = 0; i < j.n.output_count(); ++i) judge_tensor(j, npu, j.n.output(i), fmt::format("output {}", i), false);
}

void judge_shapes(Judge& j) {
  const auto is_open = [](const Tensor& t) {
    if (!t.shape_signature) return false;
    for (size_t i = 1; i < t.shape_signature->size(); ++i) {
      if ((*t.shape_signature)[i] < 0) return true;
    }
    return false;
  };
  bool open = false;
  for (int i = 0; i < j.n.input_count(); ++i) open = open || is_open(j.n.input(i));
  for (int i = 0; i < j.n.output_count(); ++i) open = open || is_open(j.n.output(i));
  j.expect(!open, "dynamic_shape", "a dimension behind the first is open",
           "fix the model's input size (`monolite reshape`)");
}

void judge_width(Judge& j) {
  const auto is_wide = [](DType t) { return (kInt32 | kInt64).contains(t); };
  bool wide = false;
  for (int i = 0; i < j.n.input_count(); ++i) wide = wide || (!j.n.is_constant(i) && is_wide(j.n.dtype(i)));
  for (int i = 0; i < j.n.output_count(); ++i) wide = wide || is_wide(j.n.output_dtype(i));
  j.expect(!wide, "type", "32-bit tensors are not taken by this operator");
}

int64_t extent(const Shape& s, int i) { return i >= 0 && i < s.rank() ? s[i] : 1; }
int64_t height(const Shape& s) { return extent(s, s.rank() - 3); }
int64_t width(const Shape& s) { return extent(s, s.rank() - 2); }
int64_t depth(const Shape& s) { return extent(s, s.rank() - 1); }

// The greatest sum of |weight - zero point| that meets in one output channel, channels along `dimension`.
int64_t most_weight(const Tensor& t, int dimension) {
  const auto elements = t.shape.checked_elements();
  if (!elements || t.shape.rank() <= dimension || t.shape[dimension] == 0) return 0;
  if (static_cast<size_t>(*elements) != t.data.size_bytes()) return 0;
  const int64_t inner = t.shape.elements(dimension + 1, t.shape.rank()), channels = t.shape[dimension];
  std::vector<int64_t> sums(static_cast<size_t>(channels));
  const auto& zeros = t.quantization.zero_point;
  for (int64_t i = 0; i < *elements; ++i) {
    const auto c = static_cast<size_t>(i / inner % channels);
    const int64_t value = t.dtype == DType::uint8 ? int64_t{t.data.get<uint8_t>(static_cast<size_t>(i))}
                                                  : int64_t{t.data.get<int8_t>(static_cast<size_t>(i))};
    const int64_t zero = zeros.empty() ? 0 : zeros.size() > c ? zeros[c] : zeros[0];
    sums[c] += std::abs(value - zero);
  }
  return *std::max_element(sums.begin(), sums.end());
}

void weights_and_bias(Judge& j, const Npu& npu, int channel_dimension, int bias) {
  const Tensor& w = j.n.input(1);
  if (j.n.is_constant(1) && kQuantized8.contains(w.dtype)) {
    const int64_t most = npu.is_u85 && j.n.dtype(0) == DType::int16 ? 2130706432 : 8323072;
    j.expect(most_weight(w, channel_dimension) <= most, "weight_sum",
             fmt::format("the absolute weights of a channel sum up to more than {}", most));
  } else {
    j.expect(kQuantized8.contains(w.dtype), "weights",
             fmt::format("the weights are {}; 8 bits are taken", name(w.dtype)));
    j.expect(j.n.is_constant(1) || j.n.op() == OpCode::FULLY_CONNECTED, "not_constant", "the weights are not constant");
  }
  if (!j.n.has_input(bias)) return;
  j.expect(j.n.is_constant(bias), "not_constant", "the bias is not constant");
  if (!j.expect((kInt32 | kInt64).contains(j.n.dtype(bias)), "bias",
                fmt::format("the bias is {}", name(j.n.dtype(bias)))))
    return;
  const int64_t limit = int64_t{1} << (npu.is_u85 ? 48 : 40);
  const auto values = j.n.dtype(bias) == DType::int64 ? j.n.ints(bias) : std::nullopt;
  j.expect(!values || std::all_of(values->begin(), values->end(), [&](int64_t v) { return v > -limit && v < limit; }),
           "bias", "a bias is too large");
}

int64_t stride_w(const Judge& j) { return j.n.attribute("stride_w"); }
int64_t stride_h(const Judge& j) { return j.n.attribute("stride_h"); }
bool is_valid_padding(const Judge& j) { return j.n.attribute("padding") == 1; }

void expect_stride_3(Judge& j, bool may_be_more) {
  const bool small = stride_w(j) >= 1 && stride_w(j) <= 3 && stride_h(j) >= 1 && stride_h(j) <= 3;
  j.expect(small || may_be_more, "stride",
           fmt::format("stride {}x{}; at most 3 is taken here", stride_h(j), stride_w(j)));
}

void conv_2d(Judge& j, const Npu& npu) {
  weights_and_bias(j, npu, 0, 2);
  const bool dilated = j.n.attribute("dilation_w_factor", 1) != 1 || j.n.attribute("dilation_h_factor", 1) != 1;
  if (!npu.is_u85) expect_stride_3(j, !dilated && is_valid_padding(j));
}

void depthwise_conv_2d(Judge& j, const Npu& npu) {
  weights_and_bias(j, npu, 3, 2);
  if (!npu.is_u85) expect_stride_3(j, false);
}

void transpose_conv(Judge& j, const Npu& npu) {
  weights_and_bias(j, npu, 0, 3);
  const Shape &in = j.n.shape(2), &filter = j.n.shape(1), &out = j.n.output_shape();
  if (in.rank() != 4 || filter.rank() != 4 || out.rank() != 4) return;
  const int64_t sw = stride_w(j), sh = stride_h(j);
  const bool usual = (sw == 1 && sh == 1) || (sw == 2 && sh == 2) ||
                     (sw == 2 && sh == 1 && in[1] == 1 && filter[1] == 1) ||
                     (sw == 1 && sh == 2 && in[2] == 1 && filter[2] == 1);
  if (!npu.is_u85) j.expect(usual, "stride", fmt::format("stride {}x{}; 1x1 or 2x2 is taken", sh, sw));
  const auto expected = [&](int axis, int64_t stride) {
    return in[axis] * stride + (is_valid_padding(j) ? std::max<int64_t>(filter[axis] - stride, 0) : 0);
  };
  j.expect(out[1] == expected(1, sh) && out[2] == expected(2, sw), "output_size",
           "the output's size does not follow from the stride");
}

void fully_connected(Judge& j, const Npu& npu) {
  weights_and_bias(j, npu, 0, 2);
  const Shape& w = j.n.shape(1);
  for (int i = 1; i + 1 < w.rank(); ++i) {
    if (!j.expect(w[i] == 1, "weights", "the weights are not of the form outputs x 1 x … x inputs")) return;
  }
}

void average_pool(Judge& j, const Npu& npu) {
  const int64_t h = j.n.attribute("filter_height"), w = j.n.attribute("filter_width");
  if (is_valid_padding(j)) {
    j.expect(h <= 256 && h * w <= 65536, "pool_window", fmt::format("the window {}x{} is too large", h, w));
  } else {
    j.expect(h <= 8 && w <= 8, "pool_window",
             fmt::format("the window {}x{} with SAME padding; at most 8x8 is taken", h, w));
  }
  if (!npu.is_u85) expect_stride_3(j, is_valid_padding(j));
}

void max_pool(Judge& j, const Npu& npu) {
  const int64_t h = j.n.attribute("filter_height"), w = j.n.attribute("filter_width");
  j.expect(h <= 256 && h * w <= 65536, "pool_window", fmt::format("the window {}x{} is too large", h, w));
  if (!npu.is_u85) expect_stride_3(j, is_valid_padding(j));
}

// The factor by which one axis grows; 0 where it is no whole number.
int64_t factor(int64_t in, int64_t out, bool align_corners) {
  const int64_t from = align_corners ? in - 1 : in, to = align_corners ? out - 1 : out;
  return from > 0 && to % from == 0 ? to / from : 0;
}

void resize(Judge& j, const Npu& npu, bool is_bilinear) {
  const Shape &in = j.n.shape(0), &out = j.n.output_shape();
  if (!j.expect(in.rank() == 4 && out.rank() == 4, "rank", "rank 4 is taken")) return;
  const bool align = j.n.flag("align_corners"), half = j.n.flag("half_pixel_centers");
  if (npu.is_u85) j.expect(!(align && half), "flags", "align_corners and half_pixel_centers are both set");
  if ((in[1] == 1 && in[2] == 1) || in == out) return;
  int64_t h = factor(in[1], out[1], align), w = factor(in[2], out[2], align);
  if (out[1] == 1) h = w;
  if (out[2] == 1) w = h;
  const std::string sizes =
      fmt::format("{}x{} to {}x{}{}", in[1], in[2], out[1], out[2], align ? " with align_corners" : "");
  if (!j.expect(h > 0 && h == w, "resize_factor", sizes + " is no whole factor, the same in both directions",
                "choose an input size that makes it one (`monolite reshape --suggest`)")) {
    return;
  }
  const bool is_power = (h & (h - 1)) == 0;
  if (npu.is_u85) {
    const int64_t most = align ? 2048 : 1024;
    j.expect(h <= most && (is_power || !is_bilinear), "resize_factor",
             fmt::format("{} is a factor of {}; {} up to {} is taken", sizes, h, is_bilinear ? "a power of two" : "any",
                         most));
    return;
  }
  const bool taken = half && is_bilinear ? h == 2 : h == 2 || h == 4 || h == 8;
  j.expect(taken, "resize_factor",
           fmt::format("{} is a factor of {}; {} is taken", sizes, h,
                       half && is_bilinear ? "2 (half_pixel_centers)" : "2, 4 or 8"),
           is_power ? "`monolite legalize` resizes in two steps" : "choose another input size (`monolite reshape`)");
}

void resize_bilinear(Judge& j, const Npu& npu) { resize(j, npu, true); }
void resize_nearest(Judge& j, const Npu& npu) { resize(j, npu, false); }

void arg_max(Judge& j, const Npu& npu) {
  if (npu.is_u85) return;
  const auto axis = j.n.ints(1);
  const int rank = j.n.rank(0);
  j.expect(axis && axis->size() == 1 && ((*axis)[0] == -1 || (*axis)[0] == rank - 1), "axis",
           "the axis is not the depth");
  j.expect(depth(j.n.shape(0)) <= 127, "depth", fmt::format("depth {}; at most 127 is taken", depth(j.n.shape(0))),
           "leave it to the CPU, or train with fewer classes");
}

void softmax(Judge& j, const Npu&) {
  const Shape& s = j.n.shape(0);
  const int64_t h = s.rank() >= 3 ? height(s) : 1, w = s.rank() >= 2 ? width(s) : 1;
  j.expect(h * w < 65536, "size", fmt::format("{} rows; fewer than 65,536 are taken", h * w));
}

void mean(Judge& j, const Npu&) {
  j.expect_type(0, kQuantized8 | kInt16);
  const Shape& in = j.n.shape(0);
  const auto axes = j.n.ints(1);
  if (!j.expect(axes.has_value(), "not_constant", "the axes are not constant")) return;
  if (in.rank() == 4) j.expect(in[0] == 1, "batch", fmt::format("batch {}; 1 is taken", in[0]));
  int64_t reduced = 1;
  bool over_depth = false;
  for (const int64_t a : *axes) {
    const int64_t axis = a < 0 ? a + in.rank() : a;
    if (!j.expect(axis >= 0 && axis < in.rank(), "axis", "an axis is out of range")) return;
    const int64_t size = in[static_cast<int>(axis)];
    j.expect(size < 4096, "size", fmt::format("reduces {} elements along one axis; fewer than 4096 are taken", size));
    reduced *= std::clamp<int64_t>(size, 1, 4096);
    if (reduced > (int64_t{1} << 40)) break;
    over_depth = over_depth || axis == in.rank() - 1;
  }
  const int64_t most = j.n.dtype(0) == DType::int16 ? 1 << 16 : j.n.dtype(0) == DType::uint8 ? 1 << 23 : 1 << 24;
  j.expect(reduced <= most, "size", fmt::format("reduces {} elements; at most {} are taken", reduced, most));
  if (over_depth && in.rank() >= 3) {
    j.expect(height(in) == 1 || width(in) == 1 || depth(in) == 1, "axis", "reduces the depth where no other side is 1");
  }
}

void same_scales(Judge& j, const Npu&) {
  bool same = true;
  for (int i = 0; i < 2; ++i) same = same && NodeContext::same_scale(j.n.input(i), j.n.output());
  j.expect(same, "scales_differ", "inputs and output differ in scale or zero point");
}

void eight_bits(Judge& j, const Npu&) { j.expect_type(0, kQuantized8); }
void only_int8(Judge& j, const Npu&) { j.expect_type(0, kInt8); }
void int8_or_16(Judge& j, const Npu&) { j.expect_type(0, kInt8 | kInt16); }
void paddings(Judge& j, const Npu&) {
  j.expect(j.n.ints(1).has_value(), "not_constant", "the paddings are not constant");
}

void slice(Judge& j, const Npu&) {
  for (int i = 1; i < j.n.input_count(); ++i) j.expect_constant(i, "a parameter");
  if (j.n.op() != OpCode::STRIDED_SLICE) return;
  const auto strides = j.n.ints(3);
  if (!strides) return;
  for (size_t i = 0; i < strides->size(); ++i) {
    const bool is_side = i + 3 == strides->size() || i + 2 == strides->size();
    j.expect((*strides)[i] == 1 || (is_side && (*strides)[i] > 0), "stride",
             fmt::format("stride {} along axis {}", (*strides)[i], i));
  }
}

void transpose(Judge& j, const Npu&) {
  j.expect_constant(1, "the permutation");
  j.expect_rank(0, 0, 8);
  for (const int32_t d : j.n.shape(0))
    j.expect(d <= 65536, "size", fmt::format("a side of {}; at most 65,536 is taken", d));
}

void batch_matmul(Judge& j, const Npu& npu) {
  if (!npu.is_u85) j.expect_type(0, kInt8);
}

void gather(Judge& j, const Npu&) {
  j.expect(j.n.attribute("axis") == j.n.attribute("batch_dims"), "axis",
           "the axis is not the number of batch dimensions");
}

const std::vector<EthosRule>& rules() {
  using enum OpCode;
  static const std::vector<EthosRule> all = {
      {ABS, Width::no_32},
      {ADD, Width::any},
      {ARG_MAX, Width::any, arg_max},
      {ASSIGN_VARIABLE, Width::any, nullptr, true},
      {AVERAGE_POOL_2D, Width::no_32, average_pool},
      {BATCH_MATMUL, Width::no_32, batch_matmul},
      {CAST, Width::any, nullptr, true},
      {CONCATENATION, Width::no_32},
      {CONV_2D, Width::no_32, conv_2d},
      {DEPTHWISE_CONV_2D, Width::no_32, depthwise_conv_2d},
      {DIV, Width::any, nullptr, true},
      {ELU, Width::no_32, only_int8},
      {EQUAL, Width::any, nullptr, true},
      {EXP, Width::no_32},
      {EXPAND_DIMS, Width::any},
      {FULLY_CONNECTED, Width::no_32, fully_connected},
      {GATHER, Width::any, gather, true},
      {GELU, Width::no_32, eight_bits},
      {GREATER, Width::any, nullptr, true},
      {GREATER_EQUAL, Width::any, nullptr, true},
      {HARD_SWISH, Width::no_32},
      {LEAKY_RELU, Width::no_32},
      {LESS, Width::any, nullptr, true},
      {LESS_EQUAL, Width::any, nullptr, true},
      {LOG, Width::no_32, int8_or_16},
      {LOGICAL_AND, Width::any, nullptr, true},
      {LOGICAL_NOT, Width::any, nullptr, true},
      {LOGICAL_OR, Width::any, nullptr, true},
      {LOGISTIC, Width::no_32},
      {MAXIMUM, Width::no_32, same_scales},
      {MAX_POOL_2D, Width::no_32, max_pool},
      {MEAN, Width::any, mean},
      {MINIMUM, Width::no_32, same_scales},
      {MIRROR_PAD, Width::any, paddings},
      {MUL, Width::any},
      {NEG, Width::any},
      {NOT_EQUAL, Width::any, nullptr, true},
      {PACK, Width::no_32},
      {PAD, Width::no_32, paddings},
      {PADV2, Width::no_32, paddings},
      {PRELU, Width::no_32},
      {QUANTIZE, Width::no_32},
      {READ_VARIABLE, Width::any, nullptr, true},
      {REDUCE_ALL, Width::any, nullptr, true},
      {REDUCE_ANY, Width::any, nullptr, true},
      {REDUCE_MAX, Width::no_32},
      {REDUCE_MIN, Width::no_32},
      {RELU, Width::no_32},
      {RELU6, Width::no_32},
      {RELU_0_TO_1, Width::no_32},
      {RELU_N1_TO_1, Width::no_32},
      {RESHAPE, Width::any},
      {RESIZE_BILINEAR, Width::no_32, resize_bilinear},
      {RESIZE_NEAREST_NEIGHBOR, Width::no_32, resize_nearest},
      {RSQRT, Width::no_32, int8_or_16},
      {SCATTER_ND, Width::any, nullptr, true},
      {SELECT, Width::any, nullptr, true},
      {SELECT_V2, Width::any, nullptr, true},
      {SLICE, Width::any, slice},
      {SOFTMAX, Width::no_32, softmax},
      {SPLIT, Width::no_32},
      {SPLIT_V, Width::no_32},
      {SQUARED_DIFFERENCE, Width::no_32},
      {SQUEEZE, Width::any},
      {STRIDED_SLICE, Width::any, slice},
      {SUB, Width::any},
      {SUM, Width::any},
      {TANH, Width::no_32},
      {TILE, Width::no_32},
      {TRANSPOSE, Width::any, transpose},
      {TRANSPOSE_CONV, Width::no_32, transpose_conv},
      {UNIDIRECTIONAL_SEQUENCE_LSTM, Width::any},
      {UNPACK, Width::no_32},
  };
  return all;
}

std::vector<Refusal> judge_node(const NodeContext& n, const Npu& npu) {
  Judge j(n);
  const auto* rule = find_rule(rules(), n.op());
  if (rule == nullptr || (rule->only_u85 && !npu.is_u85)) {
    j.refuse_op(npu.name);
    return j.take();
  }
  if (n.op() != OpCode::UNIDIRECTIONAL_SEQUENCE_LSTM) judge_tensors(j, npu);
  judge_shapes(j);
  if (rule->width == Width::no_32 && !npu.is_u85) judge_width(j);
  if (rule->more != nullptr) rule->more(j, npu);
  return j.take();
}

// The one node that reads the node's only output, or -1.
int only_reader(const GraphContext& graph, int node) {
  const NodeContext n(graph, node, Shapes::file);
  if (n.output_count() != 1 || n.output_id(0) == kNoTensor || graph.is_output(n.output_id(0))) return -1;
  const auto& readers = graph.consumers(n.output_id(0));
  return readers.size() == 1 ? readers[0] : -1;
}

// Vela writes SPACE_TO_BATCH_ND, a convolution and BATCH_TO_SPACE_ND as one dilated convolution.
void take_written_out_dilation(const GraphContext& graph, Judgement& judgement) {
  for (int i = 0; i < graph.node_count(); ++i) {
    const NodeContext before(graph, i, Shapes::file);
    if (before.op() != OpCode::SPACE_TO_BATCH_ND || !before.ints(1) || !before.ints(2)) continue;
    const int middle = only_reader(graph, i);
    const int after = middle < 0 ? -1 : only_reader(graph, middle);
    if (after < 0 || !judgement[static_cast<size_t>(middle)].empty()) continue;
    const NodeContext convolution(graph, middle, Shapes::file), behind(graph, after, Shapes::file);
    if (!is_one_of(convolution.op(), {OpCode::CONV_2D, OpCode::DEPTHWISE_CONV_2D})) continue;
    const bool is_plain = convolution.attribute("stride_w") == 1 && convolution.attribute("stride_h") == 1 &&
                          convolution.attribute("dilation_w_factor", 1) == 1 &&
                          convolution.attribute("dilation_h_factor", 1) == 1;
    if (behind.op() != OpCode::BATCH_TO_SPACE_ND || !is_plain || behind.ints(1) != before.ints(1) || !behind.ints(2))
      continue;
    if (!kQuantized8.contains(before.dtype(0))) continue;
    judgement[static_cast<size_t>(i)].clear();
    judgement[static_cast<size_t>(after)].clear();
  }
}

// Vela takes a RESHAPE's new shape from the output's, so that what computed it (SHAPE, STRIDED_SLICE, PACK where the
// batch is open) is read by nobody and goes.
void drop_computed_new_shapes(const GraphContext& graph, Judgement& judgement) {
  std::vector<bool> is_dropped(static_cast<size_t>(graph.node_count()));
  const auto needs = [&](int reader, TensorId id) {
    const NodeContext n(graph, reader, Shapes::file);
    if (is_dropped[static_cast<size_t>(reader)]) return false;
    return n.op() != OpCode::RESHAPE || !judgement[static_cast<size_t>(reader)].empty() || n.input_id(0) == id;
  };
  for (int i = graph.node_count() - 1; i >= 0; --i) {
    const NodeContext n(graph, i, Shapes::file);
    bool is_needed = n.output_count() == 0;
    for (int k = 0; k < n.output_count(); ++k) {
      const TensorId id = n.output_id(k);
      const std::vector<int>& readers = graph.consumers(id);
      is_needed = is_needed || graph.is_output(id) || readers.empty() ||
                  std::any_of(readers.begin(), readers.end(), [&](int reader) { return needs(reader, id); });
    }
    if (is_needed) continue;
    is_dropped[static_cast<size_t>(i)] = true;
    judgement[static_cast<size_t>(i)].clear();
  }
}

void refuse_file(Judgement& judgement, const Refusal& why) {
  for (auto& refusals : judgement) refusals.insert(refusals.begin(), why);
}

// Vela stops at a file whose computed tensors have no shapes (it takes them for scalars), and at labels of scores that
// are not 8-bit.
void judge_file(const GraphContext& graph, Judgement& judgement) {
  take_written_out_dilation(graph, judgement);
  drop_computed_new_shapes(graph, judgement);
  for (int i = 0; i < graph.node_count(); ++i) {
    const NodeContext n(graph, i, Shapes::file);
    if (n.op() == OpCode::ARG_MAX && !kQuantized8.contains(n.dtype(0))) {
      return refuse_file(
          judgement,
          {"vela_stops",
           fmt::format("node {} ARG_MAX takes {}, not 8 bits: vela refuses the file as a whole", i, name(n.dtype(0))),
           "quantize the model to 8 bits (`monolite convert --inference_type=INT8` from a trained graph)"});
    }
    for (int k = 0; k < n.output_count(); ++k) {
      const TensorId id = n.output_id(k);
      if (id == kNoTensor || n.output_rank(k) > 0 || graph.propagated_shape(id).rank() == 0) continue;
      if (graph.consumers(id).empty()) continue;  // nobody computes with it
      return refuse_file(judgement,
                         {"no_shape",
                          fmt::format("the file has no shape for the output of node {} (and maybe others): vela "
                                      "refuses it as a whole",
                                      i),
                          "`monolite legalize` writes the inferred shapes into the file"});
    }
  }
}

}  // namespace

std::vector<Target> ethos_u_targets() {
  static constexpr Npu kNpus[] = {{"Ethos-U55", false}, {"Ethos-U65", false}, {"Ethos-U85", true}};
  std::vector<Target> all;
  for (const Npu& npu : kNpus) {
    Target t;
    t.name = fmt::format("ethos-u{}", npu.name.substr(7));
    t.description = fmt::format("Arm {}, as the compiler vela places operators", npu.name);
    t.shapes = Shapes::file;
    t.judge = [npu](const NodeContext& n) { return judge_node(n, npu); };
    t.judge_graph = judge_file;
    all.push_back(std::move(t));
  }
  return all;
}

}  // namespace monolite::delegates
