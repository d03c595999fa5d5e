#include "monolite/reshape.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>

#include "api/receipt.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "delegates/check.h"
#include "ops/resize_bilinear.h"
#include "reshaping/reshape.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite {
namespace {

// The last resize of a segmentation net with align_corners, written without: padded and enlarged until the fractions
// are equal, then cut. Elements of the enlarged map over those asked for.
double exact_resize_cost(const Model& model) {
  const auto inference = ops::infer_shapes(model);
  const Graph& graph = model.main();
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& n = graph.nodes[i];
    if (n.op != OpCode::RESIZE_BILINEAR || n.inputs.empty() || n.outputs.empty()) continue;
    const Shape& in = inference.states[static_cast<size_t>(n.inputs[0])].shape;
    const Shape& out = inference.states[static_cast<size_t>(n.outputs[0])].shape;
    if (!attributes_as<ops::ResizeBilinear>(n.attributes).align_corners) return 1;
    double cost = 1;
    for (int axis = 1; axis <= 2; ++axis) {
      const int64_t from = in[axis], to = out[axis];
      if (from < 2 || to < 2) continue;
      const int64_t g = std::gcd(from - 1, to - 1), step = (from - 1) / g;
      const int64_t times = (from + step - 1) / step;
      const int64_t enlarged = times * ((to - 1) / g);
      cost *= static_cast<double>(enlarged) / static_cast<double>(to);
    }
    return cost;
  }
  return 1;
}

SuggestedSize suggested(const Model& model, int32_t height, int32_t width) {
  SuggestedSize s{.height = height, .width = width};
  Model changed = model;
  const auto outcome = reshaping::reshape(changed, {.height = height, .width = width});
  if (!outcome) {
    s.refused = to_string(outcome.error());
    return s;
  }
  s.shift_y = outcome->shift.y;
  s.shift_x = outcome->shift.x;
  s.macs = outcome->macs;
  s.exact_resize = exact_resize_cost(changed);
  if (const auto target = delegates::find_target("nnapi-29-cpu")) {
    const delegates::GraphContext graph(changed);
    s.partitions = static_cast<int>(delegates::check(graph, **target, {}).partitions);
  }
  return s;
}

// Extents near `wanted`: itself, and those whose maps are even steps of the output stride (with and without one more).
std::set<int32_t> neighbours(int32_t wanted, int64_t stride) {
  std::set<int32_t> all = {wanted};
  const auto step = static_cast<int32_t>(std::max<int64_t>(1, stride));
  const int32_t below = wanted / step * step;
  for (const int32_t extent : {below - step + 1, below, below + 1, below + step, below + step + 1}) {
    if (extent >= 1 && extent <= reshaping::kMostExtent) all.insert(extent);
  }
  return all;
}

}  // namespace

Expected<ReshapeReport> reshape(const ReshapeOptions& o) {
  if (!o.height && !o.width && !o.output_stride && !o.batch) {
    return Unexpected(usage_error("reshape", "nothing to change", "--crop_size, --output_stride or --batch"));
  }
  ML_ASSIGN(const Buffer source, map_file(o.model));
  ML_ASSIGN(Model model, tflite::read(source, o.model));
  reshaping::Request request{.height = o.height, .width = o.width};
  if (o.output_stride) request.output_stride = *o.output_stride;
  if (o.batch) request.batch = *o.batch;
  request.keeps_grid = o.geometry == Geometry::keep;
  const auto outcome = reshaping::reshape(model, request);
  if (!outcome) {
    const bool is_usage = outcome.error().kind == ErrorKind::usage;
    return Unexpected(is_usage ? outcome.error() : outcome.error().at(o.model));
  }
  ReceiptStep step{.verb = "reshape", .command = o.command};
  step.source = std::filesystem::path(o.model).filename().string();
  step.source_sha256 = sha256(source.bytes());
  for (const std::string& change : outcome->changes) step.changes.push_back({.name = "size", .note = change});
  add_receipt(model, step);
  ML_TRY(tflite::write_file(model, o.out));
  ReshapeReport r{.file = o.model, .out = o.out};
  r.input_before = outcome->input_before.dims();
  r.input = outcome->input.dims();
  r.output_stride_before = outcome->output_stride_before;
  r.output_stride = outcome->output_stride;
  r.shift_y = outcome->shift.y;
  r.shift_x = outcome->shift.x;
  r.friendly = outcome->friendly.dims();
  for (const std::string& change : outcome->changes) r.changes.push_back(printable(change));
  r.macs_before = outcome->macs_before;
  r.macs = outcome->macs;
  return r;
}

Expected<SuggestReport> suggest(const SuggestOptions& o) {
  ML_ASSIGN(const Model model, tflite::read_file(o.model));
  Model same = model;
  auto trained = reshaping::reshape(same, {.height = o.height, .width = o.width});
  if (!trained) return Unexpected(trained.error().at(o.model));
  SuggestReport r{.file = o.model, .input = trained->input_before.dims()};
  const auto heights = neighbours(o.height, trained->output_stride),
             widths = neighbours(o.width, trained->output_stride);
  // Both sides move together: the nth height with the nth width.
  auto width = widths.begin();
  std::vector<std::pair<int32_t, int32_t>> sizes = {{o.height, o.width}};
  for (auto height = heights.begin(); height != heights.end() && width != widths.end(); ++height, ++width) {
    sizes.emplace_back(*height, *width);
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  for (const auto& [h, w] : sizes) r.sizes.push_back(suggested(model, h, w));
  return r;
}

}  // namespace monolite
