#include "reshaping/anchors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace monolite::reshaping {
namespace {

constexpr size_t kEncodings = 0, kAnchors = 2;
constexpr int64_t kMostAnchors = int64_t{1} << 22;

struct MapSizes {
  Shape before, now;  // NHWC
  int64_t boxes_before = 0;
};

// Anchors as real numbers: centre y, centre x, height, width.
using Anchor = std::array<float, 4>;

Error unclear(size_t node, std::string found) {
  return input_error(fmt::format("node {} TFLite_Detection_PostProcess", node), std::move(found),
                     "anchors around each pixel of the maps that the boxes come from",
                     "make the model again for the size wanted; other sizes than its own can't be derived");
}

// What gives a tensor its elements, through nodes that only rename, requantize or flatten them.
TensorId origin(const Graph& graph, TensorId id, const ops::Inference& inference) {
  for (size_t steps = 0; steps <= graph.nodes.size(); ++steps) {
    const int producer = graph.producer(id);
    if (producer < 0) return id;
    const Node& n = graph.nodes[static_cast<size_t>(producer)];
    const bool passes = n.op == OpCode::RESHAPE || n.op == OpCode::SQUEEZE || n.op == OpCode::QUANTIZE ||
                        n.op == OpCode::DEQUANTIZE || n.op == OpCode::EXPAND_DIMS;
    const auto& state = inference.states[static_cast<size_t>(id)];
    const bool is_map = state.has_shape && state.shape.rank() == 4 && n.op != OpCode::RESHAPE;
    if (!passes || n.inputs.empty() || n.inputs[0] == kNoTensor)
      return is_map || n.op == OpCode::CONCATENATION ? id : -1;
    id = n.inputs[0];
  }
  return kNoTensor;
}

Expected<std::vector<MapSizes>> maps_of(const Model& model, size_t node, const ops::Inference& before,
                                        const ops::Inference& now) {
  const Graph& graph = model.main();
  const TensorId joined = origin(graph, graph.nodes[node].inputs[kEncodings], before);
  if (joined == kNoTensor) return Unexpected(unclear(node, "boxes that come from no map"));
  const int producer = graph.producer(joined);
  std::vector<TensorId> parts = {joined};
  if (producer >= 0 && graph.nodes[static_cast<size_t>(producer)].op == OpCode::CONCATENATION) {
    parts = graph.nodes[static_cast<size_t>(producer)].inputs;
  }
  std::vector<MapSizes> maps;
  for (const TensorId part : parts) {
    const TensorId map = part == kNoTensor ? kNoTensor : origin(graph, part, before);
    if (map == kNoTensor) return Unexpected(unclear(node, "boxes that come from no map"));
    const auto& was = before.states[static_cast<size_t>(map)];
    const auto& is = now.states[static_cast<size_t>(map)];
    const auto& rows = before.states[static_cast<size_t>(part)];
    if (!was.has_shape || !is.has_shape || was.shape.rank() != 4 || is.shape.rank() != 4 || rows.shape.rank() < 2) {
      return Unexpected(unclear(node, "boxes that come from no map"));
    }
    const int64_t boxes = part == map ? was.shape.elements() / 4 : rows.shape[1];
    maps.push_back({was.shape, is.shape, boxes});
  }
  return maps;
}

float read(const Tensor& t, size_t i) {
  if (t.dtype == DType::float32) return t.data.get<float>(i);
  const auto& q = t.quantization;
  return q.scale[0] * static_cast<float>(t.data.get<uint8_t>(i) - (q.zero_point.empty() ? 0 : q.zero_point[0]));
}

// The anchors of one map: the boxes of its first pixel, moved over the new map.
void place(const MapSizes& map, const std::vector<Anchor>& cell, double height_factor, double width_factor,
           std::vector<Anchor>& to) {
  const auto centre = [](float first, int32_t before) {
    const double offset = double{first} * before;
    return std::abs(offset - 0.5) < 0.25 ? 0.5 : offset;  // rounding of quantized anchors is no offset
  };
  for (int32_t y = 0; y < map.now[1]; ++y) {
    for (int32_t x = 0; x < map.now[2]; ++x) {
      for (const Anchor& a : cell) {
        to.push_back({static_cast<float>((y + centre(a[0], map.before[1])) / map.now[1]),
                      static_cast<float>((x + centre(a[1], map.before[2])) / map.now[2]),
                      static_cast<float>(a[2] * height_factor), static_cast<float>(a[3] * width_factor)});
      }
    }
  }
}

// Do the old anchors lie where place() would have put them?
bool is_even_grid(const MapSizes& map, const std::vector<Anchor>& old, size_t first, size_t boxes_a_pixel) {
  const auto last = first + static_cast<size_t>(map.boxes_before) - boxes_a_pixel;
  const float y_step = 1.0f / static_cast<float>(map.before[1]), x_step = 1.0f / static_cast<float>(map.before[2]);
  return std::abs(old[last][0] - old[first][0] - (1 - y_step)) < y_step / 2 &&
         std::abs(old[last][1] - old[first][1] - (1 - x_step)) < x_step / 2;
}

Buffer written(const Tensor& t, const std::vector<Anchor>& anchors) {
  std::vector<float> reals;
  for (const Anchor& a : anchors) reals.insert(reals.end(), a.begin(), a.end());
  if (t.dtype == DType::float32) return Buffer::of(std::move(reals));
  const float scale = t.quantization.scale[0];
  const auto zero = static_cast<float>(t.quantization.zero_point.empty() ? 0 : t.quantization.zero_point[0]);
  std::vector<uint8_t> bytes;
  for (const float r : reals)
    bytes.push_back(static_cast<uint8_t>(std::clamp(std::round(r / scale) + zero, 0.0f, 255.0f)));
  return Buffer::of(std::move(bytes));
}

}  // namespace

Expected<Tensor> anchors_for(const Model& model, size_t node, const ops::Inference& before, const ops::Inference& now,
                             const PictureSizes& sizes) {
  Tensor t = model.main().tensor(model.main().nodes[node].inputs[kAnchors]);
  const bool is_readable = t.dtype == DType::float32 || (t.dtype == DType::uint8 && t.quantization.is_quantized());
  if (!t.is_constant() || t.shape.rank() != 2 || t.shape[1] != 4 || !is_readable) {
    return Unexpected(unclear(node, "anchors that are no constant of four numbers a box"));
  }
  std::vector<Anchor> old(static_cast<size_t>(t.shape[0]));
  for (size_t i = 0; i < old.size() * 4; ++i) old[i / 4][i % 4] = read(t, i);
  ML_ASSIGN(const auto maps, maps_of(model, node, before, now));
  // Boxes keep their size in parts of the shorter side.
  const double short_before = std::min(sizes.height_before, sizes.width_before);
  const double short_now = std::min(sizes.height, sizes.width);
  const double height_factor = short_now / sizes.height * sizes.height_before / short_before;
  const double width_factor = short_now / sizes.width * sizes.width_before / short_before;
  std::vector<Anchor> anchors;
  size_t first = 0;
  for (const MapSizes& map : maps) {
    const int64_t pixels = int64_t{map.before[1]} * map.before[2];
    const bool fits = pixels > 0 && map.boxes_before > 0 && map.boxes_before % pixels == 0 &&
                      first + static_cast<size_t>(map.boxes_before) <= old.size();
    if (!fits) return Unexpected(unclear(node, fmt::format("{} anchors", t.shape[0])));
    const auto each = static_cast<size_t>(map.boxes_before / pixels);
    if (!is_even_grid(map, old, first, each)) return Unexpected(unclear(node, "anchors that lie on no even grid"));
    const int64_t made = int64_t{map.now[1]} * map.now[2] * static_cast<int64_t>(each);
    if (made + static_cast<int64_t>(anchors.size()) > kMostAnchors) {
      return Unexpected(unclear(node, fmt::format("more than {} anchors at the size asked for", kMostAnchors)));
    }
    const std::vector<Anchor> cell(old.begin() + static_cast<int64_t>(first),
                                   old.begin() + static_cast<int64_t>(first + each));
    place(map, cell, height_factor, width_factor, anchors);
    first += static_cast<size_t>(map.boxes_before);
  }
  if (first != old.size()) return Unexpected(unclear(node, fmt::format("{} anchors for {} boxes", old.size(), first)));
  t.shape = {static_cast<int32_t>(anchors.size()), 4};
  t.data = written(t, anchors);
  return t;
}

}  // namespace monolite::reshaping
