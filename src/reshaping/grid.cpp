#include "reshaping/grid.h"

#include <algorithm>

#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "ops/padding.h"
#include "ops/pool.h"

namespace monolite::reshaping {
namespace {

using ops::WindowAxis;

template <class A>
Window convolution_window(const Graph& graph, const Node& node, const Shape& in) {
  const auto a = attributes_as<A>(node.attributes);
  const Shape& filter = graph.tensor(node.inputs[1]).shape;
  const auto [y, x] = ops::window_axes(in, filter, a);
  return {y, x};
}

// Padding by hand moves the first element, a window does so and widens the stride; what keeps the sizes of a map keeps
// its grid.
class Walk {
 public:
  Walk(const Model& model, const ops::Inference& inference, TensorId input)
      : model_(model), graph_(model.main()), states_(inference.states), grids_(states_.size()) {
    grids_[static_cast<size_t>(input)] = {GridAxis{1, 0}, GridAxis{1, 0}};
    for (size_t i = 0; i < graph_.nodes.size(); ++i) step(i);
  }
  std::vector<Grid> take() { return std::move(grids_); }

 private:
  const Shape* picture_shape(TensorId id) const {
    if (id == kNoTensor) return nullptr;
    const ops::TensorState& s = states_[static_cast<size_t>(id)];
    return s.has_shape && s.shape.rank() == 4 ? &s.shape : nullptr;
  }

  void step(size_t i) {
    const Node& node = graph_.nodes[i];
    for (const TensorId out : node.outputs) {
      if (picture_shape(out) != nullptr) grids_[static_cast<size_t>(out)] = grid_of(i, *picture_shape(out));
    }
  }

  Grid grid_of(size_t i, const Shape& out) const {
    const Node& node = graph_.nodes[i];
    const Shape* in = node.inputs.empty() ? nullptr : picture_shape(node.inputs[0]);
    if (in != nullptr) {
      if (const auto window = window_of(graph_, node, *in)) return slide(grid(node.inputs[0]), node, *window);
      if (node.op == OpCode::PAD || node.op == OpCode::PADV2 || node.op == OpCode::MIRROR_PAD) return pad(i);
    }
    return same_size(node, out);
  }

  static Grid slide(Grid g, const Node& node, const Window& window) {
    for (size_t axis = 0; axis < 2; ++axis) {
      const WindowAxis& w = window[axis];
      if (is_global(node, window, axis) || w.stride < 1 || g[axis].stride > INT32_MAX) return {};
      const double centre = static_cast<double>(w.reach() - 1) / 2 - w.pad_before();
      g[axis].offset += centre * static_cast<double>(g[axis].stride);
      g[axis].stride *= w.stride;
    }
    return g;
  }

  Grid pad(size_t i) const {
    Grid g = grid(graph_.nodes[i].inputs[0]);
    const auto amounts = ops::pad_amounts(ops::NodeView(model_, 0, i, states_));
    if (!amounts || amounts->size() != 4) return {};
    for (size_t axis = 0; axis < 2; ++axis) {
      g[axis].offset -= static_cast<double>((*amounts)[axis + 1].before * g[axis].stride);
    }
    return g;
  }

  Grid same_size(const Node& node, const Shape& out) const {
    if (node.op == OpCode::SLICE || node.op == OpCode::STRIDED_SLICE) {
      // A part along the channels, or all of it.
      const Shape* in = picture_shape(node.inputs[0]);
      return in != nullptr && (*in)[1] == out[1] && (*in)[2] == out[2] ? grid(node.inputs[0]) : Grid{};
    }
    Grid found{};
    for (const TensorId id : node.inputs) {
      const Shape* in = picture_shape(id);
      if (in == nullptr || (*in)[1] != out[1] || (*in)[2] != out[2]) continue;
      if (grid(id)[0].stride > found[0].stride) found = grid(id);
    }
    return found;
  }

  const Grid& grid(TensorId id) const { return grids_[static_cast<size_t>(id)]; }

  const Model& model_;
  const Graph& graph_;
  const std::vector<ops::TensorState>& states_;
  std::vector<Grid> grids_;
};

}  // namespace

std::optional<Window> window_of(const Graph& graph, const Node& node, const Shape& in) {
  if (in.rank() != 4) return std::nullopt;
  const bool has_filter =
      node.inputs.size() >= 2 && node.inputs[1] != kNoTensor && graph.tensor(node.inputs[1]).shape.rank() == 4;
  switch (node.op) {
    case OpCode::CONV_2D:
      if (has_filter) return convolution_window<ops::Conv2D>(graph, node, in);
      return std::nullopt;
    case OpCode::DEPTHWISE_CONV_2D:
      if (has_filter) return convolution_window<ops::DepthwiseConv2D>(graph, node, in);
      return std::nullopt;
    case OpCode::AVERAGE_POOL_2D:
    case OpCode::MAX_POOL_2D:
    case OpCode::L2_POOL_2D: {
      const auto a = attributes_as<ops::Pool2D>(node.attributes);
      return Window{WindowAxis{in[1], a.filter_height, a.stride_h, 1, a.padding},
                    WindowAxis{in[2], a.filter_width, a.stride_w, 1, a.padding}};
    }
    default:
      return std::nullopt;
  }
}

bool is_global(const Node& node, const Window& window, size_t axis) {
  const auto covers = [](const WindowAxis& w) {
    return w.padding == ops::Padding::valid && w.filter == w.in && w.dilation == 1;
  };
  const WindowAxis &own = window[axis], &other = window[1 - axis];
  if (!covers(own)) return false;
  if (own.filter > 1) return true;
  if (!covers(other)) return false;
  const bool has_weights = node.op == OpCode::CONV_2D || node.op == OpCode::DEPTHWISE_CONV_2D;
  return other.filter > 1 || (!has_weights && own.stride == 1 && other.stride == 1);
}

std::vector<Grid> grids(const Model& model, const ops::Inference& inference, TensorId input) {
  return Walk(model, inference, input).take();
}

int64_t output_stride(const std::vector<Grid>& grids) {
  int64_t most = 1;
  for (const Grid& g : grids) {
    if (is_map(g)) most = std::max({most, g[0].stride, g[1].stride});
  }
  return most;
}

}  // namespace monolite::reshaping
