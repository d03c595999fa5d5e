// resize_in_steps
//   match    8-bit RESIZE_BILINEAR by a power of two above 8, the same in both directions: out/in, or (out-1)/(in-1)
//            with align_corners
//   rewrite  one resize by what is above 8, then one by 8, with the same flags: 16 is 2, then 8
//   proof    <= 1 LSB: in real arithmetic the same function, since the first grid holds every corner of the second's
//            pieces; the result between them is rounded once more
//   cost     one 64th of the pixels
//   for      Ethos-U55 and U65, which enlarge by 2, 4 or 8
#include <fmt/format.h>

#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "ops/resize_bilinear.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr int64_t kLastFactor = 8;
constexpr float kFiner = 128;     // 255 steps times this stay inside of int16
constexpr int kInt16Version = 4;  // of RESIZE_BILINEAR

// out = factor * in, where corners are counted as they are aligned; 0 where it is no whole number.
int64_t factor_of(int32_t in, int32_t out, bool align_corners) {
  const int64_t from = align_corners ? in - 1 : in, to = align_corners ? out - 1 : out;
  return from > 0 && to % from == 0 ? to / from : 0;
}

// The int8 tensor that means the same as a uint8 one of other shape; LiteRT has QUANTIZE to and from int16 for int8
// only.
TensorId add_int8(Graph& g, TensorId like, const char* suffix, const Shape& shape) {
  const TensorId id = passes::add_like(g, like, suffix, shape);
  if (g.tensor(id).dtype == DType::uint8) g.tensor(id).quantization.zero_point[0] -= 128;
  g.tensor(id).dtype = DType::int8;
  return id;
}

// An 8-bit tensor as int16 at a finer scale.
TensorId widen(Graph& g, TensorId in, const Shape& shape, std::vector<Node>& made) {
  TensorId from = in;
  if (g.tensor(in).dtype == DType::uint8) {
    from = add_int8(g, in, "/int8", shape);
    made.push_back(quantize(g, in, from));
  }
  const TensorId to = passes::add_like(g, in, "/int16", shape);
  g.tensor(to).dtype = DType::int16;
  g.tensor(to).quantization = per_tensor(g.tensor(in).quantization.scale[0] / kFiner, 0);
  made.push_back(quantize(g, from, to));
  return to;
}

// And back.
void narrow(Graph& g, TensorId in, TensorId out, std::vector<Node>& made) {
  TensorId to = out;
  if (g.tensor(out).dtype == DType::uint8) to = add_int8(g, out, "/int8", g.tensor(in).shape);
  made.push_back(quantize(g, in, to));
  if (to != out) made.push_back(quantize(g, to, out));
}

Outcome apply(const Site& site, bool wide) {
  const auto options = attributes_as<ops::ResizeBilinear>(site.node().attributes);
  if (!site.has_shapes() || options.half_pixel_centers) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const DType dtype = g.tensor(in).dtype;
  const Shape shape = site.shape(in), result = site.shape(out);
  const Quantization &from_q = g.tensor(in).quantization, &to_q = g.tensor(out).quantization;
  if (wide && (from_q.scale.size() != 1 || from_q.zero_point.size() != 1 || !same_mapping(from_q, to_q)))
    return no_match();
  if ((dtype != DType::uint8 && dtype != DType::int8) || shape.rank() != 4 || result.rank() != 4) return no_match();
  const int64_t rows = factor_of(shape[1], result[1], options.align_corners);
  const int64_t columns = factor_of(shape[2], result[2], options.align_corners);
  if (rows == 0 || rows != columns) return no_match("it does not enlarge by one whole factor in both directions");
  if (rows <= kLastFactor || (rows & (rows - 1)) != 0)
    return no_match(fmt::format("the factor is {}, no power of two above 8", rows));
  const auto grown = [&](int32_t extent) {
    const int64_t first = rows / kLastFactor;
    return static_cast<int32_t>(options.align_corners ? (extent - 1) * first + 1 : extent * first);
  };
  Applied applied{.proof = Proof::one_lsb, .added_error = wide ? 1.0 / 128 : 0.5};
  applied.note =
      fmt::format("{} times as {}, then {}{}: {}x{} -> {}x{} -> {}x{}", rows, rows / kLastFactor, kLastFactor,
                  wide ? ", in int16" : "", shape[1], shape[2], grown(shape[1]), grown(shape[2]), result[1], result[2]);
  const Shape middle{shape[0], grown(shape[1]), grown(shape[2]), shape[3]};
  std::vector<Node> made;
  const TensorId from = wide ? widen(g, in, shape, made) : in;
  const TensorId between = passes::add_like(g, from, "/step", middle);
  const TensorId to = wide ? passes::add_like(g, from, "/enlarged", result) : out;
  Node first = resize_bilinear(g, from, between, middle[1], middle[2]), second = site.node();
  first.attributes = second.attributes;
  first.version = second.version = wide ? kInt16Version : second.version;
  second.inputs[0] = between;
  second.outputs = {to};
  made.push_back(std::move(first));
  made.push_back(std::move(second));
  if (wide) narrow(g, to, out, made);
  passes::replace_node(g, site.index, std::move(made));
  return applied;
}

}  // namespace

extern const Rewrite resize_in_steps, resize_in_steps_int16;
const Rewrite resize_in_steps{.name = "resize_in_steps",
                              .summary = "a resize by more than 8 in two steps",
                              .proof = Proof::one_lsb,
                              .ops = {OpCode::RESIZE_BILINEAR},
                              .apply = [](const Site& site) { return apply(site, false); }};
const Rewrite resize_in_steps_int16{.name = "resize_in_steps",
                                    .summary = "a resize by more than 8 in two steps, in int16",
                                    .proof = Proof::one_lsb,
                                    .ops = {OpCode::RESIZE_BILINEAR},
                                    .apply = [](const Site& site) { return apply(site, true); }};

}  // namespace monolite::legalize
