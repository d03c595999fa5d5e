#pragma once
// Where the pixels of a feature map lie on the picture that the graph takes.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "ir/graph.h"
#include "ops/infer_shapes.h"
#include "ops/window.h"

namespace monolite::reshaping {

// One axis of a map: element i stands for the picture's position offset + i * stride. A stride of 0: the tensor is no
// map of the picture any more (pooled to one value, resized, flattened).
struct GridAxis {
  int64_t stride = 0;
  double offset = 0;
};
using Grid = std::array<GridAxis, 2>;  // height, width

inline bool is_map(const Grid& g) { return g[0].stride > 0 && g[1].stride > 0; }

using Window = std::array<ops::WindowAxis, 2>;  // height, width

// The sliding window of a convolution or a pool over an input of `in`; nothing for other ops.
std::optional<Window> window_of(const Graph& graph, const Node& node, const Shape& in);

// Does the window of `node` cover the whole of an axis (0: height, 1: width), so that one value is left of it? A single
// pixel counts where the other axis is covered, and for a pool of one pixel over a map of one, which would do nothing
// else (a net made for a small picture: MobileNet for 32x32). With a stride it picks every so many, as ResNet's
// shortcuts do.
bool is_global(const Node& node, const Window& window, size_t axis);

// One a tensor of the first graph; `input` is the picture.
std::vector<Grid> grids(const Model& model, const ops::Inference& inference, TensorId input);

// The coarsest stride of a map on the way of the picture, over both axes.
int64_t output_stride(const std::vector<Grid>& grids);

}  // namespace monolite::reshaping
