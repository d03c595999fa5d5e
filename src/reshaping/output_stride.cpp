#include "reshaping/output_stride.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "reshaping/grid.h"

namespace monolite::reshaping {
namespace {

bool is_convolution(const Node& n) { return n.op == OpCode::CONV_2D || n.op == OpCode::DEPTHWISE_CONV_2D; }

// Nodes that slide a window over the coarsest map, or make it.
struct Coarsest {
  int64_t stride = 1;
  std::vector<size_t> makers;   // a stride above 1, and the coarsest map behind it
  std::vector<size_t> readers;  // a window of more than one element on the coarsest map, stride 1
};

class Changer {
 public:
  Changer(Model& model, TensorId input, std::vector<std::string>& changes)
      : model_(model), graph_(model.main()), input_(input), changes_(changes) {}

  Expected<void> step(int64_t wanted) {
    look();
    const int64_t have = coarsest_.stride;
    if (!is_power_of_two_apart(have, wanted)) {
      return Unexpected(usage_error("--output_stride", std::to_string(wanted),
                                    fmt::format("{}, doubled or halved: the model has {}", have, have)));
    }
    if (have > wanted) ML_TRY(densify());
    if (have < wanted) ML_TRY(sparsify(wanted));
    look();
    const bool is_nearer = have > wanted ? coarsest_.stride < have : coarsest_.stride > have;
    if (have != wanted && !is_nearer) return Unexpected(have > wanted ? no_stride_left(wanted) : no_place(wanted));
    return {};
  }

 private:
  static bool is_power_of_two_apart(int64_t a, int64_t b) {
    if (a < 1 || b < 1) return false;
    const int64_t low = std::min(a, b), high = std::max(a, b);
    const int64_t ratio = high / low;
    return high % low == 0 && (ratio & (ratio - 1)) == 0;
  }

  void look() {
    const ops::Inference inference = ops::infer_shapes(model_);
    grids_ = grids(model_, inference, input_);
    coarsest_ = {.stride = output_stride(grids_)};
    windows_.assign(graph_.nodes.size(), std::nullopt);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) look_at(i, inference);
  }

  void look_at(size_t i, const ops::Inference& inference) {
    const Node& n = graph_.nodes[i];
    if (n.inputs.empty() || n.inputs[0] == kNoTensor || n.outputs.empty()) return;
    const auto& state = inference.states[static_cast<size_t>(n.inputs[0])];
    if (!state.has_shape) return;
    windows_[i] = window_of(graph_, n, state.shape);
    if (!windows_[i] || !is_map(grid(n.outputs[0]))) return;
    const auto& [y, x] = *windows_[i];
    if (grid(n.outputs[0])[0].stride != coarsest_.stride) return;
    if (y.stride > 1 || x.stride > 1) {
      coarsest_.makers.push_back(i);
    } else if (y.filter > 1 || x.filter > 1) {
      coarsest_.readers.push_back(i);
    }
  }

  // The last stride goes; what stands behind it looks as many pixels further apart.
  Expected<void> densify() {
    if (coarsest_.makers.empty()) return Unexpected(no_stride_left(coarsest_.stride / 2));
    for (const size_t i : coarsest_.makers) {
      const auto& [y, x] = *windows_[i];
      if (!is_convolution(graph_.nodes[i]) || y.stride != 2 || x.stride != 2) {
        return Unexpected(cannot(i, fmt::format("stride {}x{}", y.stride, x.stride),
                                 "a convolution of stride 2: only such a stride can become a dilation"));
      }
    }
    for (const size_t i : coarsest_.readers) {
      if (!is_convolution(graph_.nodes[i])) {
        return Unexpected(cannot(i, "a pool behind the last stride", "convolutions only: a pool can't be dilated"));
      }
    }
    for (const size_t i : coarsest_.makers) set_stride(i, 1);
    for (const size_t i : coarsest_.readers) scale_dilation(i, 2, 1);
    return {};
  }

  // The stride returns to where it was taken out: the last window in front of those that are all dilated by even steps.
  Expected<void> sparsify(int64_t wanted) {
    std::vector<size_t> dilated;
    std::optional<size_t> place;
    for (const size_t i : coarsest_.readers) {
      const auto& [y, x] = *windows_[i];
      const bool is_even = is_dilation_even(y) && is_dilation_even(x);
      if (is_even) {
        dilated.push_back(i);
      } else if (!dilated.empty()) {
        return Unexpected(cannot(i, "a window that is not dilated behind one that is",
                                 "even dilations behind the place that a stride was taken out of"));
      } else {
        place = i;
      }
    }
    if (!place || dilated.empty() || !is_convolution(graph_.nodes[*place])) return Unexpected(no_place(wanted));
    set_stride(*place, 2);
    for (const size_t i : dilated) scale_dilation(i, 1, 2);
    return {};
  }

  static bool is_dilation_even(const ops::WindowAxis& w) { return w.filter == 1 || w.dilation % 2 == 0; }

  void set_stride(size_t i, int64_t stride) {
    Node& n = graph_.nodes[i];
    n.attributes.set("stride_h", stride);
    n.attributes.set("stride_w", stride);
    changes_.push_back(fmt::format("node {} {}: stride {}", i, op_name(n), stride));
  }

  void scale_dilation(size_t i, int64_t times, int64_t divided_by) {
    Node& n = graph_.nodes[i];
    const auto& [y, x] = *windows_[i];
    const int64_t h = y.filter == 1 ? y.dilation : int64_t{y.dilation} * times / divided_by;
    const int64_t w = x.filter == 1 ? x.dilation : int64_t{x.dilation} * times / divided_by;
    n.attributes.set("dilation_h_factor", std::min<int64_t>(h, INT32_MAX));
    n.attributes.set("dilation_w_factor", std::min<int64_t>(w, INT32_MAX));
    // Depthwise convolutions know dilations from their second version on.
    if (n.op == OpCode::DEPTHWISE_CONV_2D && (h > 1 || w > 1)) n.version = std::max(n.version, 2);
    changes_.push_back(fmt::format("node {} {}: dilation {}", i, op_name(n), std::max(h, w)));
  }

  Error cannot(size_t i, std::string found, std::string expected) const {
    return input_error(fmt::format("node {} {}", i, op_name(graph_.nodes[i])), std::move(found), std::move(expected),
                       "leave --output_stride out; --crop_size works without it");
  }
  Error no_stride_left(int64_t wanted) const {
    return input_error("--output_stride", fmt::format("{}, and no convolution whose stride could be taken out", wanted),
                       fmt::format("at least {}", coarsest_.stride));
  }
  Error no_place(int64_t wanted) const {
    return input_error(
        "--output_stride",
        fmt::format("{}, and no place that a stride was taken out of (dilations by even steps behind it)", wanted),
        fmt::format("at most {}", coarsest_.stride), "a stride can only return to where training had moved it away");
  }
  const Grid& grid(TensorId id) const { return grids_[static_cast<size_t>(id)]; }

  Model& model_;
  Graph& graph_;
  TensorId input_;
  std::vector<std::string>& changes_;
  std::vector<Grid> grids_;
  std::vector<std::optional<Window>> windows_;
  Coarsest coarsest_;
};

}  // namespace

Expected<void> step_output_stride(Model& model, TensorId input, int64_t wanted, std::vector<std::string>& changes) {
  return Changer(model, input, changes).step(wanted);
}

}  // namespace monolite::reshaping
