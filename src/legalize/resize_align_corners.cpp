// resize_align_corners
//   match    RESIZE_BILINEAR with align_corners and a constant size
//   rewrite  RESIZE_BILINEAR without it, of an input in' >= in to an output out' >= out with in'/out' = (in-1)/(out-1),
//            rows and columns apart; the input is padded at its end with its last row and column where in' > in, the
//            result is cut to out. Where only ARG_MAX reads it, the cut goes behind that: one value a pixel.
//   proof    exact: both arithmetics of the reference kernels find the same samples; this is checked for the very
//            sizes. (float32 of a single row or column: the last bits may differ)
//   cost     (out'/out) times the pixels; with g = gcd(in-1, out-1), out' = t(out-1)/g for the smallest t that fits
//   for      targets without align_corners (NNAPI up to 1.2, and kernels that ignore the flag)
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

ResizeAxis widen(int32_t in, int32_t out) {
  if (in == out || in == 1 || out == 1) return {.in = in, .out = out, .wide_in = in, .wide_out = out};  // means nothing
  const int64_t g = std::gcd(in - 1, out - 1);
  const int64_t t = (in + (in - 1) / g - 1) / ((in - 1) / g);
  return {.in = in, .out = out, .wide_in = t * (in - 1) / g, .wide_out = t * (out - 1) / g};
}

double growth(int32_t in, int32_t out) {
  const ResizeAxis axis = widen(in, out);
  return static_cast<double>(axis.wide_out) / out;
}

// The output size nearest to `out` that costs at most kCostly, where the model is made anew for it: its map has an
// element for each `stride` pixels of the picture, as it has now.
int32_t friendly_size(int32_t in, int32_t out) {
  const int32_t stride = std::max(1, (out + in - 1) / in);
  for (int32_t step = 0; step < out; ++step) {
    for (const int32_t size : {out - step, out + step}) {
      const double times = size > 1 ? growth((size + stride - 1) / stride, size) : kCostly;
      if (times * times <= kCostly) return size;
    }
  }
  return out;
}

// Repeats the last slice of dimension `dim` until it has `extent` elements: a slice, stretched, behind the input.
TensorId repeat_last(Graph& g, TensorId in, Shape shape, int dim, int32_t extent, std::vector<Node>& made) {
  const int32_t missing = extent - shape[dim];
  if (missing == 0) return in;
  Shape last = shape, more = shape, all = shape;
  last[dim] = 1;
  more[dim] = missing;
  all[dim] = extent;
  std::vector<int32_t> begin(4, 0);
  begin[static_cast<size_t>(dim)] = shape[dim] - 1;
  TensorId repeated = passes::add_like(g, in, "/last", last);
  made.push_back(slice(g, in, repeated, begin, last.dims()));
  if (missing > 1) {
    const TensorId stretched = passes::add_like(g, in, "/repeated", more);
    made.push_back(resize_bilinear(g, repeated, stretched, more[1], more[2]));
    repeated = stretched;
  }
  const TensorId padded = passes::add_like(g, in, "/padded", all);
  made.push_back(concatenation(g, {in, repeated}, padded, dim));
  return padded;
}

enum class Cut { slice, strided_slice };

Node cut(Graph& g, TensorId from, TensorId to, const Shape& shape, Cut how) {
  const std::vector<int32_t> zeros(static_cast<size_t>(shape.rank()), 0), ones(static_cast<size_t>(shape.rank()), 1);
  return how == Cut::slice ? slice(g, from, to, zeros, shape.dims())
                           : strided_slice(g, from, to, zeros, shape.dims(), ones);
}

// The ARG_MAX (or ARG_MIN) over channels that alone reads the resize, or -1.
int arg_max_behind(const Site& site) {
  const int reader = site.only_reader(site.output());
  if (reader < 0) return -1;
  const Node& node = site.graph().nodes[static_cast<size_t>(reader)];
  if (node.op != OpCode::ARG_MAX && node.op != OpCode::ARG_MIN) return -1;
  if (node.inputs.size() != 2 || node.outputs.size() != 1) return -1;
  if (!site.inference.states[static_cast<size_t>(node.outputs[0])].has_shape) return -1;
  const std::vector<int64_t> axis = site.ints(node.inputs[1]);
  return axis.size() == 1 && (axis[0] == 3 || axis[0] == -1) ? reader : -1;
}

// Puts the wide resize in place, and the cut behind it, or behind the ARG_MAX that reads it.
void replace(const Site& site, const ResizeAxis& rows, const ResizeAxis& columns, bool behind_arg_max, Cut how) {
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const Shape in_shape = site.shape(in), out_shape = site.shape(out);
  std::vector<Node> made;
  const auto wide_h = static_cast<int32_t>(rows.wide_in), wide_w = static_cast<int32_t>(columns.wide_in);
  TensorId padded = repeat_last(g, in, in_shape, 1, wide_h, made);
  padded = repeat_last(g, padded, {in_shape[0], wide_h, in_shape[2], in_shape[3]}, 2, wide_w, made);
  const auto out_h = static_cast<int32_t>(rows.wide_out), out_w = static_cast<int32_t>(columns.wide_out);
  const bool needs_cut = out_h != out_shape[1] || out_w != out_shape[2];
  const Shape wide_shape{out_shape[0], out_h, out_w, out_shape[3]};
  const TensorId wide = needs_cut ? passes::add_like(g, out, "/wide", wide_shape) : out;
  made.push_back(resize_bilinear(g, padded, wide, out_h, out_w));
  if (needs_cut && behind_arg_max) {
    const auto reader = static_cast<size_t>(arg_max_behind(site));
    Node arg_max = g.nodes[reader];
    const TensorId labels = arg_max.outputs[0];
    const TensorId wide_labels = passes::add_like(g, labels, "/wide", {out_shape[0], out_h, out_w});
    arg_max.inputs[0] = wide;
    arg_max.outputs[0] = wide_labels;
    Node cut_labels = cut(g, wide_labels, labels, site.shape(labels), how);
    passes::replace_node(g, reader, {std::move(arg_max), std::move(cut_labels)});
  } else if (needs_cut) {
    made.push_back(cut(g, wide, out, out_shape, how));
  }
  passes::replace_node(g, site.index, std::move(made));
}

std::string size_text(int64_t height, int64_t width) { return fmt::format("{}x{}", height, width); }

Outcome apply(const Site& site, bool behind_arg_max, Cut how) {
  const auto options = attributes_as<ops::ResizeBilinear>(site.node().attributes);
  if (!options.align_corners || options.half_pixel_centers || !site.has_shapes()) return no_match();
  if (site.ints(site.input(1)).size() != 2) return no_match("the output's size is computed while the graph runs");
  const Shape in = site.shape(site.input(0)), out = site.shape(site.output());
  if (in.rank() != 4 || out.rank() != 4 || in.checked_elements().value_or(0) == 0) return no_match();
  const ResizeAxis rows = widen(in[1], out[1]), columns = widen(in[2], out[2]);
  const bool needs_cut = rows.wide_out != out[1] || columns.wide_out != out[2];
  if (behind_arg_max && (!needs_cut || arg_max_behind(site) < 0)) return no_match();
  if (how == Cut::strided_slice && !needs_cut) return no_match();
  const double times = growth(in[1], out[1]) * growth(in[2], out[2]);
  const int64_t elements = rows.wide_out * columns.wide_out;
  if (rows.wide_out > 65535 || columns.wide_out > 65535 || elements * out[0] * out[3] > ops::kMostTensorBytes / 8) {
    return no_match(fmt::format("the exact form would be {}", size_text(rows.wide_out, columns.wide_out)));
  }
  const DType dtype = site.tensor(site.input(0)).dtype;
  Applied applied;
  applied.proof = resize_proof(dtype, options, rows, columns);
  applied.note = fmt::format("{} -> {} with align_corners is now {} -> {} without", size_text(in[1], in[2]),
                             size_text(out[1], out[2]), size_text(rows.wide_in, columns.wide_in),
                             size_text(rows.wide_out, columns.wide_out));
  if (needs_cut) applied.note += behind_arg_max ? ", cut behind ARG_MAX" : ", then cut";
  applied.pixels_before = int64_t{out[1]} * out[2];
  applied.pixels_after = elements;
  if (times > kCostly) {
    applied.warning = fmt::format("{:.2f} times the pixels; a model made for {} would cost less", times,
                                  size_text(friendly_size(in[1], out[1]), friendly_size(in[2], out[2])));
  }
  replace(site, rows, columns, behind_arg_max, how);
  return applied;
}

}  // namespace

extern const Rewrite resize_align_corners, resize_align_corners_slice, resize_align_corners_strided_slice;
const Rewrite resize_align_corners{.name = "resize_align_corners",
                                   .summary = "bilinear resize without align_corners, cut behind ARG_MAX",
                                   .proof = Proof::exact,
                                   .ops = {OpCode::RESIZE_BILINEAR},
                                   .apply = [](const Site& site) { return apply(site, true, Cut::slice); }};
const Rewrite resize_align_corners_slice{.name = "resize_align_corners",
                                         .summary = "bilinear resize without align_corners, cut by SLICE",
                                         .proof = Proof::exact,
                                         .ops = {OpCode::RESIZE_BILINEAR},
                                         .apply = [](const Site& site) { return apply(site, false, Cut::slice); }};
const Rewrite resize_align_corners_strided_slice{
    .name = "resize_align_corners",
    .summary = "bilinear resize without align_corners, cut by STRIDED_SLICE",
    .proof = Proof::exact,
    .ops = {OpCode::RESIZE_BILINEAR},
    .apply = [](const Site& site) { return apply(site, false, Cut::strided_slice); }};

}  // namespace monolite::legalize
