#include <algorithm>
#include <numeric>
#include <set>

#include "api/picture_mask.h"
#include "delegates/check.h"
#include "image/read.h"
#include "monolite/reshape.h"
#include "ops/infer_shapes.h"
#include "ops/resize_bilinear.h"
#include "reshaping/reshape.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

// One of each kind of delegate; of NNAPI those between which the rules of resizes and pools changed.
constexpr const char* kTargets[] = {"nnapi-29-cpu", "nnapi-29",  "nnapi-31",  "xnnpack",   "gpu",
                                    "edgetpu",      "ethos-u55", "ethos-u65", "ethos-u85", "openvino",
                                    "vx",           "hexagon",   "coreml"};

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

void count_partitions(const Model& model, SuggestedSize& s) {
  const delegates::GraphContext graph(model);
  for (const char* name : kTargets) {
    const auto target = delegates::find_target(name);
    if (!target) continue;
    const delegates::Verdict verdict = delegates::check(graph, **target, {});
    s.targets.push_back({name, verdict.partitions, static_cast<int>(verdict.cpu_nodes.size())});
  }
}

// A picture and what the model as it is says of it.
struct Trained {
  image::Image picture;
  image::Mask mask;
};

int64_t differing(const image::Mask& a, const image::Mask& b) {
  int64_t count = 0;
  for (int32_t y = 0; y < a.height; ++y) {
    for (int32_t x = 0; x < a.width; ++x) count += a.row(y)[x] != b.row(y)[x];
  }
  return count;
}

SuggestedSize suggested(const Model& model, int32_t height, int32_t width, const Trained* trained) {
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
  count_partitions(changed, s);
  if (trained == nullptr) return s;
  if (const auto mask = picture_mask(changed, trained->picture)) s.changed = differing(*mask, trained->mask);
  Model kept = model;
  if (!reshaping::reshape(kept, {.height = height, .width = width, .keeps_grid = true})) return s;
  if (const auto mask = picture_mask(kept, trained->picture)) s.changed_keep = differing(*mask, trained->mask);
  return s;
}

// Extents near `wanted`: itself, and those whose maps are even steps of the output stride (with and without one more).
std::set<int32_t> neighbours(int32_t wanted, int64_t stride) {
  std::set<int32_t> all = {wanted};
  // A detector's coarsest map may be a single cell: its stride says nothing about sizes.
  const auto step = static_cast<int32_t>(std::clamp<int64_t>(stride, 1, 32));
  const int32_t below = wanted / step * step;
  for (const int32_t extent : {below - step + 1, below, below + 1, below + step, below + step + 1}) {
    if (extent >= 1 && extent <= reshaping::kMostExtent) all.insert(extent);
  }
  return all;
}

}  // namespace

Expected<SuggestReport> suggest(const SuggestOptions& o) {
  ML_ASSIGN(const Model model, tflite::read_file(o.model));
  Model same = model;
  auto trained = reshaping::reshape(same, {.height = o.height, .width = o.width});
  if (!trained) return Unexpected(trained.error().at(o.model));
  SuggestReport r{.file = o.model, .input = trained->input_before.dims(), .picture = o.picture};
  std::optional<Trained> seen;
  if (!o.picture.empty()) {
    ML_ASSIGN(image::Image picture, image::read_image(o.picture));
    ML_ASSIGN(image::Mask mask, picture_mask(model, picture));
    r.pixels = int64_t{mask.width} * mask.height;
    seen = Trained{std::move(picture), std::move(mask)};
  }
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
  for (const auto& [h, w] : sizes) r.sizes.push_back(suggested(model, h, w, seen ? &*seen : nullptr));
  return r;
}

}  // namespace monolite
