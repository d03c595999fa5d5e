// resize_half_pixel
//   match    RESIZE_BILINEAR with half_pixel_centers and a constant size
//   rewrite  with in/out = p/q in lowest terms, the samples (i + 1/2) p/q - 1/2 lie on the grid of steps r/(2q), where
//            r = gcd(2p, p + q, 2q): one row repeated in front, a resize without the flag to that grid, then every
//            (2p/r)-th element from (p + q)/r on; rows and columns apart
//   proof    exact where the samples come out the same in the kernels' arithmetic (q a power of two); else the largest
//            shift of a sample decides: <= 1 LSB or approximate
//   cost     up to 2p/r times the pixels along each axis: none for odd factors, 4 times for 2x in both
//   for      targets without half_pixel_centers (NNAPI up to 1.2)
#include <fmt/format.h>

#include <numeric>

#include "legalize/nodes.h"
#include "legalize/resize_proof.h"
#include "legalize/rewrite.h"
#include "ops/limits.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr double kCostly = 1.5;  // times the pixels: worth a warning

ResizeAxis plan(int32_t in, int32_t out) {
  if (in == 1 || in == out) return {.in = in, .out = out, .wide_in = in, .wide_out = out};  // the flag means nothing
  const int64_t g = std::gcd(in, out), p = in / g, q = out / g;
  const int64_t r = std::gcd(std::gcd(2 * p, p + q), 2 * q);
  return {.in = in,
          .out = out,
          .front = 1,
          .wide_in = int64_t{in} + 1,
          .wide_out = (int64_t{in} + 1) * (2 * q / r),
          .begin = (p + q) / r,
          .stride = 2 * p / r};
}

// Repeats the first slice of dimension `dim` once, in front.
TensorId repeat_first(Graph& g, TensorId in, Shape& shape, int dim, std::vector<Node>& made) {
  Shape first = shape;
  first[dim] = 1;
  const TensorId slice_id = passes::add_like(g, in, "/first", first);
  made.push_back(slice(g, in, slice_id, std::vector<int32_t>(4, 0), first.dims()));
  ++shape[dim];
  const TensorId padded = passes::add_like(g, in, "/padded", shape);
  made.push_back(concatenation(g, {slice_id, in}, padded, dim));
  return padded;
}

Outcome apply(const Site& site) {
  const auto options = attributes_as<ops::ResizeBilinear>(site.node().attributes);
  if (!options.half_pixel_centers || options.align_corners || !site.has_shapes()) return no_match();
  if (site.ints(site.input(1)).size() != 2) return no_match("the output's size is computed while the graph runs");
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  Shape shape = site.shape(in);
  const Shape result = site.shape(out);
  if (shape.rank() != 4 || result.rank() != 4 || shape.checked_elements().value_or(0) == 0) return no_match();
  const ResizeAxis rows = plan(shape[1], result[1]), columns = plan(shape[2], result[2]);
  if (rows.wide_out > 65535 || columns.wide_out > 65535 ||
      rows.wide_out * columns.wide_out * result[0] * result[3] > ops::kMostTensorBytes / 8) {
    return no_match(fmt::format("the exact form would be {}x{}", rows.wide_out, columns.wide_out));
  }
  Applied applied;
  const DType dtype = g.tensor(in).dtype;
  applied.proof = resize_proof(dtype, options, rows, columns);
  applied.note = fmt::format("{}x{} -> {}x{} with half_pixel_centers is now {}x{} -> {}x{} without, then every {}x{}th",
                             shape[1], shape[2], result[1], result[2], rows.wide_in, columns.wide_in, rows.wide_out,
                             columns.wide_out, rows.stride, columns.stride);
  applied.pixels_before = int64_t{result[1]} * result[2];
  applied.pixels_after = rows.wide_out * columns.wide_out;
  const double times = static_cast<double>(applied.pixels_after) / static_cast<double>(applied.pixels_before);
  if (times > kCostly) {
    applied.warning = fmt::format("{:.2f} times the pixels; a model made for an odd factor, as {}x{}, would cost less",
                                  times, 3 * shape[1], 3 * shape[2]);
  }
  std::vector<Node> made;
  TensorId padded = in;
  if (rows.front > 0) padded = repeat_first(g, padded, shape, 1, made);
  if (columns.front > 0) padded = repeat_first(g, padded, shape, 2, made);
  const Shape wide_shape{result[0], static_cast<int32_t>(rows.wide_out), static_cast<int32_t>(columns.wide_out),
                         result[3]};
  const bool is_whole = wide_shape == result && rows.begin == 0 && columns.begin == 0;
  const TensorId wide = is_whole ? out : passes::add_like(g, out, "/wide", wide_shape);
  made.push_back(resize_bilinear(g, padded, wide, wide_shape[1], wide_shape[2]));
  if (!is_whole) {
    const auto end = [](const ResizeAxis& a) { return static_cast<int32_t>(a.begin + a.stride * (a.out - 1) + 1); };
    made.push_back(strided_slice(g, wide, out,
                                 {0, static_cast<int32_t>(rows.begin), static_cast<int32_t>(columns.begin), 0},
                                 {result[0], end(rows), end(columns), result[3]},
                                 {1, static_cast<int32_t>(rows.stride), static_cast<int32_t>(columns.stride), 1}));
  }
  passes::replace_node(g, site.index, std::move(made));
  return applied;
}

}  // namespace

extern const Rewrite resize_half_pixel;
const Rewrite resize_half_pixel{.name = "resize_half_pixel",
                                .summary = "bilinear resize without half_pixel_centers, on a finer grid",
                                .proof = Proof::exact,
                                .ops = {OpCode::RESIZE_BILINEAR},
                                .apply = apply};

}  // namespace monolite::legalize
