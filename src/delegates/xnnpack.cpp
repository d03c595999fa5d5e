// XNNPACK, TensorFlow Lite's own CPU kernels as a delegate: what it does not take runs on the slower builtin kernels.
//
// It declares that it supports dynamic tensors, so shapes are not inferred before it is asked: Shapes::file.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

constexpr Types kFloat = kFloat32 | kFloat16;
constexpr int kMostRank = 6;

std::string where(bool is_output, int i) { return fmt::format("{} {}", is_output ? "output" : "input", i); }

const Tensor& tensor(const Judge& j, bool is_output, int i) { return is_output ? j.n.output(i) : j.n.input(i); }

// Float, or 8 bits with one scale.
void expect_plain(Judge& j, bool is_output, int i, Types floats = kFloat) {
  const Tensor& t = tensor(j, is_output, i);
  if (floats.contains(t.dtype)) return;
  if (!kQuantized8.contains(t.dtype)) {
    j.refuse("type",
             fmt::format("{} is {}; {} is taken", where(is_output, i), name(t.dtype), (floats | kQuantized8).names()));
    return;
  }
  const bool one_scale = t.quantization.details == Quantization::Details::none && t.quantization.scale.size() == 1 &&
                         t.quantization.dimension == 0;
  j.expect(one_scale, "quantization",
           fmt::format("{} is {} without exactly one scale", where(is_output, i), name(t.dtype)));
}
void expect_plain_input(Judge& j, int i, Types floats = kFloat) { expect_plain(j, false, i, floats); }
void expect_plain_output(Judge& j, int i = 0, Types floats = kFloat) { expect_plain(j, true, i, floats); }

void expect_plain_ends(Judge& j, Types floats = kFloat) {
  expect_plain_input(j, 0, floats);
  expect_plain_output(j, 0, floats);
}

// Float alone: quantized kernels for the op are missing.
void expect_float(Judge& j) {
  const auto is_float = [](const Tensor& t) { return kFloat.contains(t.dtype); };
  for (int i = 0; i < j.n.input_count() + j.n.output_count(); ++i) {
    const bool is_output = i >= j.n.input_count();
    const Tensor& t = tensor(j, is_output, is_output ? i - j.n.input_count() : i);
    if (is_float(t)) continue;
    j.refuse("float_only", fmt::format("taken in float only, not {}", name(t.dtype)),
             "leave it to the CPU, or keep the model in float");
    return;
  }
}

bool same_types(const Judge& j, int inputs) {
  for (int i = 0; i < inputs; ++i) {
    if (j.n.dtype(i) != j.n.output_dtype()) return false;
  }
  return true;
}

void expect_same_types(Judge& j, int inputs) {
  j.expect(same_types(j, inputs), "mixed_types", "inputs and output have different types");
}

// Constant, or unpacked from a constant by a DEQUANTIZE or DENSIFY (or one behind the other) that is folded away.
bool is_static(const NodeContext& n, int i, int most_steps = 2) {
  if (n.is_constant(i)) return true;
  if (!n.has_input(i) || most_steps == 0) return false;
  const int maker = n.graph().producer(n.input_id(i));
  if (maker < 0) return false;
  const NodeContext by(n.graph(), maker, Shapes::file);
  return (by.op() == OpCode::DEQUANTIZE || by.op() == OpCode::DENSIFY) && is_static(by, 0, most_steps - 1);
}

void expect_static(Judge& j, int i, std::string_view what) {
  j.expect(is_static(j.n, i), "not_constant", fmt::format("{} (input {}) is not a constant", what, i),
           "make it a constant of the model");
}

// A shape of this rank, with no empty dimension, written in the file.
void expect_file_rank(Judge& j, bool is_output, int i, int rank) {
  const Shape& s = is_output ? j.n.output_shape(i) : j.n.shape(i);
  if (s.rank() != rank) {
    const bool missing = s.rank() == 0;
    j.refuse(missing ? "no_shape" : "rank",
             missing ? fmt::format("{} has no shape in the file; rank {} is taken", where(is_output, i), rank)
                     : fmt::format("{} has rank {}; {} is taken", where(is_output, i), s.rank(), rank),
             missing ? "`monolite legalize` writes the inferred shapes into the file" : "");
    return;
  }
  j.expect(std::find(s.begin(), s.end(), 0) == s.end(), "empty",
           fmt::format("{} has an empty dimension", where(is_output, i)));
}

double ratio(float a, float b) { return static_cast<double>(a / b); }

void expect_ratio(Judge& j, double value, double least, double below, bool upper_included = false) {
  const bool ok = value >= least && (upper_included ? value <= below : value < below);
  j.expect(ok, "scale_ratio",
           fmt::format("the scales' ratio {:g} is outside of [{:g}, {:g}{}", value, least, below,
                       upper_included ? "]" : ")"),
           "quantize with closer ranges");
}

bool is_quantized8(const Judge& j) { return kQuantized8.contains(j.n.dtype(0)); }

void binary(Judge& j) {
  expect_plain_input(j, 0);
  expect_plain_input(j, 1);
  expect_plain_output(j);
  expect_same_types(j, 2);
  j.expect_activation(kClamps);
}

void add(Judge& j) {
  binary(j);
  if (j.has_refused() || !is_quantized8(j)) return;
  for (int i = 0; i < 2; ++i) expect_ratio(j, ratio(j.n.scale(i), j.n.output_scale()), 1.0 / 1024, 256);
}

void mul(Judge& j) {
  binary(j);
  if (j.has_refused() || !is_quantized8(j)) return;
  expect_ratio(j, ratio(j.n.scale(0) * j.n.scale(1), j.n.output_scale()), 1.0 / 65536, 256);
}

void div(Judge& j) {
  expect_float(j);
  j.expect_activation(kClamps);
}

void prelu(Judge& j) {
  expect_float(j);
  expect_static(j, 1, "the slope");
}

// A filter: float, uint8 with one scale, int8 with one or one per slice of `dimension`.
void expect_filter(Judge& j, int dimension) {
  const Tensor& filter = j.n.input(1);
  if (!j.expect((kFloat | kQuantized8).contains(filter.dtype), "filter_type",
                fmt::format("the filter is {}", name(filter.dtype)))) {
    return;
  }
  if (!kQuantized8.contains(filter.dtype)) return;
  const size_t scales = filter.quantization.scale.size();
  j.expect(scales >= 1, "quantization", "the filter has no scale");
  if (scales > 1) {
    j.expect(filter.dtype == DType::int8 && filter.quantization.dimension == dimension, "per_channel",
             "the filter's scales are not per output channel of an int8 filter");
  }
}

// A bias: float, or int32 with scales along dimension 0.
void expect_bias(Judge& j) {
  const Tensor& bias = j.n.input(2);
  if (kFloat.contains(bias.dtype)) return;
  const bool ok = bias.dtype == DType::int32 && !bias.quantization.scale.empty() && bias.quantization.dimension == 0;
  j.expect(ok, "bias", "the bias is neither float nor int32 with scales along dimension 0");
}

void window(Judge& j) {
  const int64_t padding = j.n.attribute("padding");
  j.expect(padding == 0 || padding == 1, "padding", "padding is neither SAME nor VALID");
  j.expect(j.n.attribute("stride_w") > 0 && j.n.attribute("stride_h") > 0, "stride", "a stride is not positive");
  j.expect_activation(kClamps);
}

bool is_dynamically_quantized(const Judge& j) {
  return j.n.dtype(0) == DType::float32 && j.n.dtype(1) == DType::int8 && j.n.output_dtype() == DType::float32;
}

void convolution(Judge& j, bool is_depthwise) {
  if (!j.expect(j.n.input_count() == 3 && j.n.has_input(2), "no_bias", "has no bias", "add a bias of zeros")) return;
  expect_plain_ends(j);
  expect_filter(j, is_depthwise ? 3 : 0);
  expect_bias(j);
  expect_file_rank(j, false, 0, 4);
  expect_file_rank(j, false, 1, 4);
  expect_file_rank(j, true, 0, 4);
  expect_file_rank(j, false, 2, 1);
  expect_static(j, 1, "the filter");
  expect_static(j, 2, "the bias");
  const bool types_agree = j.n.dtype(0) == j.n.output_dtype() &&
                           (j.n.dtype(0) == j.n.dtype(1) || (!is_depthwise && is_dynamically_quantized(j)) ||
                            (j.n.dtype(0) == DType::float32 && j.n.dtype(1) == DType::float16));
  j.expect(types_agree, "mixed_types", "input, filter and output have different types");
  j.expect(j.n.attribute("dilation_w_factor", 1) > 0 && j.n.attribute("dilation_h_factor", 1) > 0, "dilation",
           "a dilation is not positive");
  window(j);
}

void conv_2d(Judge& j) {
  convolution(j, false);
  if (j.n.rank(0) == 4 && j.n.rank(1) == 4) {
    j.expect(j.n.shape(0)[3] >= j.n.shape(1)[3], "channels", "the filter has more channels than the input");
  }
}

void depthwise_conv_2d(Judge& j) {
  convolution(j, true);
  if (j.n.rank(1) != 4) return;
  const int64_t multiplier = j.n.attribute("depth_multiplier");
  j.expect(multiplier > 0 && j.n.shape(1)[3] % multiplier == 0, "depth_multiplier",
           "the depth multiplier does not divide the output channels");
}

void fully_connected(Judge& j) {
  j.expect(j.n.version() != 8, "op_version", "version 8 (sparse) is not taken");
  j.expect(j.n.attribute("weights_format") == 0, "weights_format", "the weights are shuffled");
  expect_plain_ends(j);
  expect_file_rank(j, false, 1, 2);
  expect_static(j, 1, "the filter");
  const DType filter = j.n.dtype(1);
  const bool narrow = filter == DType::int4 || filter == DType::int2;
  if (!narrow) expect_filter(j, 0);
  if (j.n.has_input(2)) {
    expect_bias(j);
    expect_static(j, 2, "the bias");
    if (j.n.rank(1) == 2) {
      j.expect(j.n.shape(2).checked_elements() == j.n.shape(1)[0], "bias", "the bias has not one value per output");
    }
  }
  const bool weights_only = kFloat.contains(j.n.dtype(0)) && (filter == DType::int8 || narrow);
  const bool types_agree = j.n.dtype(0) == j.n.output_dtype() &&
                           (j.n.dtype(0) == filter || weights_only || (j.n.dtype(0) == DType::int8 && narrow) ||
                            (j.n.dtype(0) == DType::float32 && filter == DType::float16));
  j.expect(types_agree, "mixed_types", "input, filter and output have types that don't go together");
  if (filter == DType::int8 && !weights_only) {
    const auto& zeros = j.n.input(1).quantization.zero_point;
    j.expect(std::all_of(zeros.begin(), zeros.end(), [](int64_t z) { return z == 0; }), "zero_point",
             "an int8 filter must have zero point 0");
  }
  if (narrow && j.n.rank(1) == 2) {
    const int32_t multiple = filter == DType::int4 ? 2 : 4;
    j.expect(j.n.shape(1)[1] % multiple == 0, "channels",
             fmt::format("{} inputs are not a multiple of {}", j.n.shape(1)[1], multiple));
  }
  j.expect_activation(kClamps);
}

void pool_window(Judge& j) {
  const int64_t w = j.n.attribute("filter_width"), h = j.n.attribute("filter_height");
  const int64_t sw = j.n.attribute("stride_w"), sh = j.n.attribute("stride_h");
  j.expect(w > 0 && h > 0, "pool_window", "the window is empty");
  j.expect(sw <= w && sh <= h, "stride", "a stride is greater than the window");
  j.expect(w * h != 1 || sw * sh == 1, "stride", "a 1x1 window with a stride");
  window(j);
}

void average_pool(Judge& j) {
  expect_float(j);
  pool_window(j);
}

void max_pool(Judge& j) {
  expect_plain_ends(j, kFloat32);
  pool_window(j);
}

void concatenation(Judge& j) {
  const int inputs = j.n.input_count();
  j.expect(inputs >= 2 && inputs <= 5, "inputs", fmt::format("{} inputs; 2 to 5 are taken", inputs),
           "`monolite legalize` splits it into several");
  for (int i = 0; i < inputs; ++i) expect_plain_input(j, i);
  expect_plain_output(j);
  if (j.n.output_dtype() != DType::uint8) return;
  bool same = true;
  for (int i = 0; i < inputs; ++i) same = same && NodeContext::same_scale(j.n.input(i), j.n.output());
  j.expect(same, "scales_differ", "uint8 inputs and output differ in scale or zero point",
           "`monolite legalize` puts a requantization before it, which computes the same");
}

void resize_bilinear(Judge& j) {
  expect_plain_ends(j, kFloat32);
  expect_file_rank(j, false, 0, 4);
  expect_file_rank(j, true, 0, 4);
  expect_static(j, 1, "the size");
}

void reduction(Judge& j) {
  expect_plain_ends(j);
  expect_static(j, 1, "the axes");
  j.expect(j.n.dtype(1) == DType::int32, "axis_type", "the axes are not int32");
  const auto axes = j.n.ints(1);
  if (axes)
    j.expect(!axes->empty() && axes->size() <= 6, "axes", fmt::format("{} axes; 1 to 6 are taken", axes->size()));
}

// Input 1 where there is one, else the option.
void expect_new_shape(Judge& j) {
  std::vector<int64_t> wanted;
  if (j.n.has_input(1)) {
    expect_static(j, 1, "the new shape");
    j.expect_type(1, kInt32);
    const Shape& s = j.n.shape(1);
    const bool is_list = std::all_of(s.begin(), s.end() - std::min(s.rank(), 1), [](int32_t e) { return e == 1; });
    j.expect(is_list, "new_shape", fmt::format("the new shape is a tensor of {}", to_string(s)));
    wanted = j.n.ints(1).value_or(std::vector<int64_t>{});
  } else {
    wanted = j.n.list_attribute("new_shape");
  }
  j.expect(wanted.size() != 1 || wanted[0] > 0, "new_shape", "one dimension, whose extent is not written",
           "write the number of elements instead of -1");
}

void reshape(Judge& j) {
  expect_plain_ends(j);
  j.expect_rank(0, 0, kMostRank);
  j.expect_output_rank(0, kMostRank);
  expect_new_shape(j);
  if (!is_quantized8(j)) return;
  j.expect(NodeContext::same_scale(j.n.input(0), j.n.output()), "scales_differ", "scale or zero point changes");
}

void transpose(Judge& j) {
  expect_plain_ends(j);
  expect_static(j, 1, "the permutation");
}

void pad(Judge& j) {
  expect_plain_ends(j);
  j.expect(j.n.input_count() == 2, "inputs", "has a pad value");
  expect_static(j, 1, "the paddings");
  j.expect_type(1, kInt32);
  const Shape& s = j.n.shape(1);
  j.expect(s.rank() == 2 && s[0] == j.n.rank(0) && s[1] == 2, "paddings",
           fmt::format("paddings of shape {} for rank {}", to_string(s), j.n.rank(0)));
  const auto paddings = j.n.ints(1);
  if (!paddings) return;
  j.expect(std::none_of(paddings->begin(), paddings->end(), [](int64_t p) { return p < 0; }), "paddings",
           "a padding is negative");
}

void slice(Judge& j) {
  expect_plain_ends(j);
  for (const int i : {1, 2}) {
    expect_static(j, i, i == 1 ? "the begin" : "the size");
    j.expect((kInt32 | kInt64).contains(j.n.dtype(i)), "type", fmt::format("input {} is {}", i, name(j.n.dtype(i))));
  }
  const auto begin = j.n.ints(1), size = j.n.ints(2);
  if (!begin || !size) return;
  j.expect(std::none_of(begin->begin(), begin->end(), [](int64_t b) { return b < 0; }), "begin", "begin is negative");
  j.expect(std::all_of(size->begin(), size->end(), [](int64_t n) { return n > 0; }), "size",
           "a size is not above 0; -1 for all the rest is not taken", "write the size itself");
}

void strided_slice(Judge& j) {
  expect_plain_ends(j);
  constexpr std::array<std::string_view, 3> kWhat = {"the begin", "the end", "the strides"};
  for (int i = 1; i <= 3; ++i) expect_static(j, i, kWhat[static_cast<size_t>(i - 1)]);
  const auto strides = j.n.ints(3);
  if (strides) {
    j.expect(std::all_of(strides->begin(), strides->end(), [](int64_t s) { return s == 1; }), "stride",
             "a stride is not 1");
  }
  for (const std::string_view mask : {"ellipsis_mask", "new_axis_mask", "shrink_axis_mask"}) {
    j.expect(j.n.attribute(mask) == 0, "mask", fmt::format("{} is set", mask));
  }
}

void split(Judge& j) {
  expect_static(j, 0, "the axis");
  expect_plain_input(j, 1);
  j.expect(j.n.output_count() >= 2 && j.n.output_count() <= 4, "outputs",
           fmt::format("{} outputs; 2 to 4 are taken", j.n.output_count()));
  for (int i = 0; i < j.n.output_count(); ++i) expect_plain_output(j, i);
}

void depth_to_space(Judge& j) {
  expect_plain_ends(j);
  j.expect(j.n.attribute("block_size") > 1, "block_size", "the block size is not above 1");
}

void space_to_depth(Judge& j) {
  expect_plain_ends(j, kFloat32);
  const int64_t block = j.n.attribute("block_size");
  if (!j.expect(block > 1, "block_size", "the block size is not above 1") || j.n.rank(0) != 4) return;
  j.expect(j.n.shape(0)[1] % block == 0 && j.n.shape(0)[2] % block == 0, "block_size",
           "height or width is no multiple of the block size");
}

void softmax(Judge& j) {
  j.expect(j.n.real_attribute("beta") == 1, "beta",
           fmt::format("beta is {:g}; 1 is taken", j.n.real_attribute("beta")));
  expect_float(j);
}

void leaky_relu(Judge& j) {
  expect_plain_ends(j);
  const double alpha = j.n.real_attribute("alpha");
  j.expect(std::isnormal(static_cast<float>(alpha)), "alpha", "alpha is 0 or no normal number");
  if (j.has_refused() || !is_quantized8(j)) return;
  const double positive = ratio(j.n.scale(0), j.n.output_scale());
  expect_ratio(j, positive, 1.0 / 256, 128, true);
  const double negative = positive * alpha;
  j.expect(negative >= -127.99609375 && negative <= 128 && std::abs(negative) >= 1.0 / 256, "scale_ratio",
           fmt::format("the scales' ratio times alpha, {:g}, is out of range", negative));
}

void elu(Judge& j) {
  for (const bool is_output : {false, true}) {
    const DType t = tensor(j, is_output, 0).dtype;
    j.expect((kFloat | kInt8).contains(t), "type",
             fmt::format("{} is {}; float or int8 is taken", where(is_output, 0), name(t)));
  }
}

void quantize(Judge& j) {
  expect_plain_ends(j);
  if (!is_quantized8(j)) return;
  if (!j.expect(j.n.dtype(0) == j.n.output_dtype(), "type_change",
                fmt::format("{} to {}; 8 bits to 8 bits keeps the type", name(j.n.dtype(0)), name(j.n.output_dtype())),
                "give the model's edge the inner type (`monolite edit --io`)")) {
    return;
  }
  expect_ratio(j, ratio(j.n.scale(0), j.n.output_scale()), 1.0 / 256, 128, true);
}

void dequantize(Judge& j) {
  const bool is_weights = is_static(j.n, 0) && (kFloat16 | kInt8).contains(j.n.dtype(0));
  if (is_weights) return;  // decided with its readers
  if (j.expect_type(0, kQuantized8)) expect_plain_input(j, 0);
  j.expect_output_type(kFloat);
}

void densify(Judge& j) { expect_static(j, 0, "the sparse tensor"); }

void batch_matmul(Judge& j) {
  expect_plain_ends(j);
  expect_filter(j, std::max(0, j.n.rank(1) - (j.n.flag("adj_y") ? 2 : 1)));
  j.expect_rank(0, 2, kMostRank);
  j.expect_rank(1, 2, kMostRank);
  j.expect(same_types(j, 2) || is_dynamically_quantized(j), "mixed_types", "the operands have different types");
  if (j.n.dtype(1) == DType::int8 && !is_dynamically_quantized(j)) {
    const Quantization& q = j.n.input(1).quantization;
    j.expect(q.zero_point.empty() || q.zero_point[0] == 0, "zero_point",
             "an int8 second operand must have zero point 0", "quantize it symmetrically");
    j.expect(q.scale.size() <= 1, "per_channel", "an int8 second operand has a scale per channel");
  }
}

// How one axis of a transposed convolution is padded decides whether it can be.
void expect_transposed_axis(Judge& j, int64_t in, int64_t filter, int64_t out, int64_t stride) {
  if (j.n.attribute("padding") == 1) {
    j.expect(filter <= out, "filter_size", "with VALID padding the filter is larger than the output");
  } else {
    j.expect((out + stride - 1) / stride == in, "output_size",
             "with SAME padding the output's size does not follow from the input's");
    j.expect(filter >= stride, "stride", "with SAME padding a stride is greater than the filter");
  }
}

void transpose_conv(Judge& j) {
  expect_static(j, 0, "the output's shape");
  expect_static(j, 1, "the filter");
  expect_filter(j, 0);
  expect_plain_input(j, 2, kFloat32);
  expect_plain_output(j, 0, kFloat32);
  expect_file_rank(j, false, 1, 4);
  expect_file_rank(j, false, 2, 4);
  expect_file_rank(j, true, 0, 4);
  if (j.n.has_input(3)) {
    expect_file_rank(j, false, 3, 1);
    expect_static(j, 3, "the bias");
  }
  window(j);
  const auto out = j.n.dtype(0) == DType::int32 ? j.n.ints(0) : std::nullopt;
  j.expect(out && out->size() == 4, "output_shape", "the output's shape is not a constant of four int32");
  if (j.has_refused()) return;
  const Shape &filter = j.n.shape(1), &in = j.n.shape(2);
  j.expect((*out)[3] == filter[0] && in[3] == filter[3], "channels",
           "the filter's channels are not those of input and output");
  expect_transposed_axis(j, in[1], filter[1], (*out)[1], j.n.attribute("stride_h"));
  expect_transposed_axis(j, in[2], filter[2], (*out)[2], j.n.attribute("stride_w"));
}

void unary_any(Judge& j) { expect_plain_ends(j); }

// Pools and CONCATENATION don't look.
void expect_no_empty_tensor(Judge& j) {
  using enum OpCode;
  if (j.n.op() == AVERAGE_POOL_2D || j.n.op() == MAX_POOL_2D || j.n.op() == CONCATENATION) return;
  const auto is_empty = [](const Shape& s) { return std::find(s.begin(), s.end(), 0) != s.end(); };
  bool empty = false;
  for (int i = 0; i < j.n.input_count(); ++i) empty = empty || is_empty(j.n.shape(i));
  for (int i = 0; i < j.n.output_count(); ++i) empty = empty || is_empty(j.n.output_shape(i));
  j.expect(!empty, "empty", "a tensor has an empty dimension");
}

const std::vector<Rule>& rules() {
  using enum OpCode;
  static const std::vector<Rule> all = {
      {ABS, expect_float},
      {ADD, add},
      {AVERAGE_POOL_2D, average_pool},
      {BATCH_MATMUL, batch_matmul},
      {CEIL, expect_float},
      {CONCATENATION, concatenation},
      {CONV_2D, conv_2d},
      {COS, expect_float},
      {DENSIFY, densify},
      {DEPTHWISE_CONV_2D, depthwise_conv_2d},
      {DEPTH_TO_SPACE, depth_to_space},
      {DEQUANTIZE, dequantize},
      {DIV, div},
      {ELU, elu},
      {EXP, expect_float},
      {FLOOR, expect_float},
      {FULLY_CONNECTED, fully_connected},
      {GELU, expect_float},
      {HARD_SWISH, expect_float},
      {LEAKY_RELU, leaky_relu},
      {LOG, expect_float},
      {LOGISTIC, unary_any},
      {MAXIMUM, expect_float},
      {MAX_POOL_2D, max_pool},
      {MEAN, reduction},
      {MINIMUM, expect_float},
      {MUL, mul},
      {NEG, expect_float},
      {PAD, pad},
      {PRELU, prelu},
      {QUANTIZE, quantize},
      {REDUCE_MAX, reduction},
      {REDUCE_MIN, reduction},
      {RELU, expect_float},
      {RELU6, expect_float},
      {RELU_N1_TO_1, expect_float},
      {RESHAPE, reshape},
      {RESIZE_BILINEAR, resize_bilinear},
      {ROUND, expect_float},
      {RSQRT, expect_float},
      {SIN, expect_float},
      {SLICE, slice},
      {SOFTMAX, softmax},
      {SPACE_TO_DEPTH, space_to_depth},
      {SPLIT, split},
      {SQRT, expect_float},
      {SQUARE, expect_float},
      {SQUARED_DIFFERENCE, expect_float},
      {STRIDED_SLICE, strided_slice},
      {SUB, add},
      {SUM, reduction},
      {TANH, unary_any},
      {TRANSPOSE, transpose},
      {TRANSPOSE_CONV, transpose_conv},
  };
  return all;
}

bool is_variable_op(OpCode op) {
  return op == OpCode::VAR_HANDLE || op == OpCode::READ_VARIABLE || op == OpCode::ASSIGN_VARIABLE;
}

bool is_known_custom(const Node& node) {
  constexpr std::string_view known[] = {"Convolution2DTransposeBias", "MaxPoolingWithArgmax2D", "MaxUnpooling2D",
                                        "odml.scaled_dot_product_attention"};
  return std::find(std::begin(known), std::end(known), node.custom_code) != std::end(known);
}

std::vector<Refusal> judge_node(const NodeContext& n) {
  Judge j(n);
  if (is_variable_op(n.op()) || (n.op() == OpCode::CUSTOM && is_known_custom(n.node()))) return {};
  if (const Rule* rule = find_rule(rules(), n.op())) {
    rule->judge(j);
    expect_no_empty_tensor(j);
    return j.take();
  }
  const bool is_reshape = n.op() == OpCode::SQUEEZE || n.op() == OpCode::EXPAND_DIMS;
  j.refuse_op("XNNPACK", is_reshape ? "`monolite legalize` writes it as RESHAPE" : "");
  return j.take();
}

// Unpacking a constant is folded into its readers, and so counts as taken only where all of these are.
void judge_unpacking(const GraphContext& graph, Judgement& judgement) {
  for (int i = graph.node_count() - 1; i >= 0; --i) {
    const NodeContext n(graph, i, Shapes::file);
    if ((n.op() != OpCode::DEQUANTIZE && n.op() != OpCode::DENSIFY) || !is_static(n, 0) || n.output_count() == 0)
      continue;
    const auto& readers = graph.consumers(n.output_id(0));
    const bool all =
        std::all_of(readers.begin(), readers.end(), [&](int r) { return judgement[static_cast<size_t>(r)].empty(); });
    if (!all)
      judgement[static_cast<size_t>(i)] = {
          {"unpacking", "unpacks a constant that a node on the CPU reads too", "mend the nodes that read it"}};
  }
}

}  // namespace

std::vector<Target> xnnpack_targets() {
  Target t;
  t.name = "xnnpack";
  t.description = "XNNPACK, LiteRT's fast CPU kernels; the rest runs on its builtin ones";
  t.shapes = Shapes::file;
  t.is_cpu = true;
  t.judge = judge_node;
  t.judge_graph = judge_unpacking;
  return {std::move(t)};
}

}  // namespace monolite::delegates
