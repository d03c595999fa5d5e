// TensorFlow Lite's Core ML delegate: Apple's Neural Engine, Core ML 3 (iOS 13 and newer). Float models only.

#include <fmt/format.h>

#include <algorithm>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

void anything(Judge&) {}

void no_activation(Judge& j) { j.expect_activation(kNoActivation); }
void any_but_sign_bit(Judge& j) { j.expect_activation({0, 1, 2, 3, 4}); }

// The i-th extent from the end; 1 in front of the shape.
int64_t side(const Shape& s, int from_end) { return from_end < s.rank() ? s.back(from_end) : 1; }

bool is_single_constant(const Judge& j, int i) { return j.n.is_constant(i) && j.n.shape(i).checked_elements() == 1; }

void broadcast(Judge& j) {
  for (const int i : {0, 1}) {
    const bool is_packed_constant = j.n.is_constant(i) && j.n.dtype(i) == DType::float16;
    if (!is_packed_constant) j.expect_type(i, kFloat32);
    j.expect_rank(i, 0, 4);
  }
  if (is_single_constant(j, 0) || is_single_constant(j, 1)) return;
  const Shape &a = j.n.shape(0), &b = j.n.shape(1);
  const bool same_sides = side(a, 2) == side(b, 2) && side(a, 1) == side(b, 1);
  const bool one_pixel = (side(a, 2) == 1 && side(a, 1) == 1) || (side(b, 2) == 1 && side(b, 1) == 1);
  j.expect(side(a, 3) == side(b, 3) && (same_sides || one_pixel), "broadcast",
           fmt::format("does not broadcast {} with {}", to_string(a), to_string(b)));
  j.expect(side(a, 0) == side(b, 0) || side(a, 0) == 1 || side(b, 0) == 1, "broadcast", "channels differ");
}

void concatenation(Judge& j) {
  no_activation(j);
  j.expect(j.n.input_count() >= 2, "inputs", "takes at least two inputs");
  const int rank = j.n.output_rank();
  const int64_t axis = j.n.attribute("axis");
  j.expect((rank == 3 || rank == 4) && (axis == -1 || axis == rank - 1), "axis",
           "works along channels only, of rank 3 or 4");
}

void convolution(Judge& j) {
  j.expect_constant(1, "the filter");
  if (j.n.has_input(2)) j.expect_constant(2, "the bias");
  const Shape& filter = j.n.shape(1);
  j.expect(side(filter, 2) <= 16384 && side(filter, 1) <= 16384, "filter_size", "a side of the filter is above 16,384");
  any_but_sign_bit(j);
}

void transpose_conv(Judge& j) {
  j.expect_constant(0, "the output's shape");
  j.expect_constant(1, "the filter");
}

void fully_connected(Judge& j) {
  j.expect(j.n.attribute("weights_format") == 0, "weights_format", "the weights are shuffled");
  j.expect_constant(1, "the filter");
  j.expect_type(1, kFloat32 | kFloat16);
  if (j.n.has_input(2)) {
    j.expect_constant(2, "the bias");
    j.expect_type(2, kFloat32 | kFloat16);
  }
  const Shape& in = j.n.shape(0);
  bool single = true;
  for (int i = 0; i + 1 < in.rank(); ++i) single = single && in[i] == 1;
  j.expect(single, "batch", "a dimension before the last is above 1");
  any_but_sign_bit(j);
}

void mean(Judge& j) {
  j.expect_rank(0, 4, 4);
  j.expect(j.n.flag("keep_dims"), "keep_dims", "keep_dims is not set");
  const auto axes = j.n.ints(1);
  const bool is_plane = axes && !axes->empty() && std::all_of(axes->begin(), axes->end(), [](int64_t a) {
                          return a == 1 || a == 2 || a == -2 || a == -3;
                        });
  j.expect(is_plane, "axis", "the axes are not height and width");
}

void pad(Judge& j) {
  const auto p = j.n.ints(1);
  if (!j.expect(p && p->size() == 8, "paddings", "the paddings are not a constant of 4x2")) return;
  j.expect((*p)[0] == 0 && (*p)[1] == 0 && (*p)[6] == 0 && (*p)[7] == 0, "paddings", "pads batch or channels");
}

void mirror_pad(Judge& j) {
  pad(j);
  j.expect(j.n.attribute("mode") == 0, "mode", "the mode SYMMETRIC is not taken, REFLECT is");
}

void reshape(Judge& j) {
  j.refuse("op", "Core ML 3 has no RESHAPE", "end the model before it (`monolite edit --outputs`)");
}

void resize_bilinear(Judge& j) { j.expect_constant(1, "the size"); }

void softmax(Judge& j) {
  j.expect(j.n.real_attribute("beta") == 1, "beta",
           fmt::format("beta is {:g}; 1 is taken", j.n.real_attribute("beta")));
}

struct CoreMlRule {
  OpCode op;
  int most_version;
  void (*judge)(Judge&);
  int typed_input = 0;
};

const std::vector<CoreMlRule>& rules() {
  using enum OpCode;
  static const std::vector<CoreMlRule> all = {
      {ADD, 1, broadcast},
      {AVERAGE_POOL_2D, 1, no_activation},
      {CONCATENATION, 1, concatenation},
      {CONV_2D, 1, convolution},
      {DEPTHWISE_CONV_2D, 2, convolution},
      {FULLY_CONNECTED, 6, fully_connected},
      {HARD_SWISH, 1, anything},
      {LOGISTIC, 1, anything},
      {MAX_POOL_2D, 1, no_activation},
      {MEAN, 1, mean},
      {MIRROR_PAD, 1, mirror_pad},
      {MUL, 1, broadcast},
      {PAD, 1, pad},
      {PADV2, 1, pad},
      {RELU, 1, anything},
      {RELU6, 1, anything},
      {RELU_N1_TO_1, 1, anything},
      {RESHAPE, 1, reshape},
      {RESIZE_BILINEAR, 1, resize_bilinear},
      {SOFTMAX, 1, softmax},
      {TANH, 1, anything},
      {TRANSPOSE_CONV, 1, transpose_conv, 2},
  };
  return all;
}

std::vector<Refusal> judge_node(const NodeContext& n) {
  Judge j(n);
  const auto* rule = find_rule(rules(), n.op());
  if (rule == nullptr) {
    j.refuse_op("the Core ML delegate");
    return j.take();
  }
  j.expect_version(rule->most_version);
  const bool is_packed_operand = n.is_constant(rule->typed_input) && n.dtype(rule->typed_input) == DType::float16;
  j.expect(n.dtype(rule->typed_input) == DType::float32 || is_packed_operand, "type",
           fmt::format("input {} is {}; float32 is taken", rule->typed_input, name(n.dtype(rule->typed_input))),
           "use the float model");
  rule->judge(j);
  return j.take();
}

}  // namespace

std::vector<Target> coreml_targets() {
  Target t;
  t.name = "coreml";
  t.description = "LiteRT's Core ML delegate (Apple, Core ML 3)";
  t.limits.least_nodes = 2;
  t.folds_float16 = true;
  t.at_best = true;
  t.judge = judge_node;
  return {std::move(t)};
}

}  // namespace monolite::delegates
