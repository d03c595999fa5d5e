// resize_in_steps
//   match    8-bit RESIZE_BILINEAR by a power of two above 8, the same in both directions: out/in, or (out-1)/(in-1)
//   with
//            align_corners
//   rewrite  one resize by what is above 8, then one by 8, with the same flags: 16 is 2, then 8
//   proof    <= 1 LSB: in real arithmetic the same function, since the first grid holds every corner of the second's
//   pieces;
//            the result between them is rounded once more
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

// out = factor * in, where corners are counted as they are aligned; 0 where it is no whole number.
int64_t factor_of(int32_t in, int32_t out, bool align_corners) {
  const int64_t from = align_corners ? in - 1 : in, to = align_corners ? out - 1 : out;
  return from > 0 && to % from == 0 ? to / from : 0;
}

Outcome apply(const Site& site) {
  const auto options = attributes_as<ops::ResizeBilinear>(site.node().attributes);
  if (!site.has_shapes() || options.half_pixel_centers) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const DType dtype = g.tensor(in).dtype;
  const Shape shape = site.shape(in), result = site.shape(out);
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
  const TensorId between = passes::add_like(g, out, "/step", {shape[0], grown(shape[1]), grown(shape[2]), shape[3]});
  Node first = resize_bilinear(g, in, between, grown(shape[1]), grown(shape[2])), second = site.node();
  first.attributes = second.attributes;
  first.version = second.version;
  second.inputs[0] = between;
  passes::replace_node(g, site.index, {std::move(first), std::move(second)});
  return Applied{
      .proof = Proof::one_lsb,
      .note = fmt::format("{} times as {}, then {}: {}x{} -> {}x{} -> {}x{}", rows, rows / kLastFactor, kLastFactor,
                          shape[1], shape[2], grown(shape[1]), grown(shape[2]), result[1], result[2])};
}

}  // namespace

extern const Rewrite resize_in_steps;
const Rewrite resize_in_steps{.name = "resize_in_steps",
                              .summary = "a resize by more than 8 in two steps",
                              .proof = Proof::one_lsb,
                              .ops = {OpCode::RESIZE_BILINEAR},
                              .apply = apply};

}  // namespace monolite::legalize
