#include "reshaping/dilations.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ops/infer_shapes.h"
#include "ops/space_batch.h"
#include "reshaping/grid.h"

namespace monolite::reshaping {
namespace {

struct Triple {
  size_t to_batches, convolution, to_space;
  int64_t dilation_h, dilation_w;
};

class Finder {
 public:
  explicit Finder(const Model& model) : model_(model), g_(model.main()), inference_(ops::infer_shapes(model)) {}

  std::optional<Triple> at(size_t i) const {
    const Node& n = g_.nodes[i];
    if (n.op != OpCode::SPACE_TO_BATCH_ND || n.inputs.empty() || n.outputs.size() != 1 || inference_.node_errors[i])
      return {};
    const auto convolution = only_reader(n.outputs[0]);
    if (!convolution || !is_convolution(g_.nodes[*convolution], n.outputs[0])) return {};
    const auto back = only_reader(g_.nodes[*convolution].outputs[0]);
    if (!back || g_.nodes[*back].op != OpCode::BATCH_TO_SPACE_ND || inference_.node_errors[*back]) return {};
    const auto blocks = ops::spatial_blocks(ops::NodeView(model_, 0, i, inference_.states));
    const auto crops = ops::spatial_blocks(ops::NodeView(model_, 0, *back, inference_.states));
    const Shape *in = shape(n.inputs[0]), *out = shape(g_.nodes[*back].outputs[0]), *batches = shape(n.outputs[0]);
    if (!blocks || !crops || in == nullptr || out == nullptr || batches == nullptr) return {};
    if (blocks->size() != 2 || crops->size() != 2 || in->rank() != 4 || out->rank() != 4) return {};
    const auto window = window_of(g_, g_.nodes[*convolution], *batches);
    if (!window) return {};
    for (size_t axis = 0; axis < 2; ++axis) {
      const int extent = static_cast<int>(axis) + 1;
      if (!is_dilation((*blocks)[axis], (*crops)[axis], (*window)[axis], (*in)[extent], (*out)[extent])) return {};
    }
    return Triple{i, *convolution, *back, (*blocks)[0].size, (*blocks)[1].size};
  }

 private:
  std::optional<size_t> only_reader(TensorId id) const {
    const auto readers = g_.consumers(id);
    if (readers.size() != 1 || g_.is_output(id)) return {};
    return static_cast<size_t>(readers[0]);
  }

  static bool is_convolution(const Node& n, TensorId input) {
    return (n.op == OpCode::CONV_2D || n.op == OpCode::DEPTHWISE_CONV_2D) && n.inputs[0] == input &&
           n.outputs.size() == 1;
  }

  // Padded before as SAME pads the dilated window, and cut after what only filled the blocks up.
  static bool is_dilation(const ops::SpatialBlock& block, const ops::SpatialBlock& crop, const ops::WindowAxis& w,
                          int32_t in, int32_t out) {
    const int64_t reach = (int64_t{w.filter} - 1) * block.size + 1;
    return w.stride == 1 && w.dilation == 1 && w.padding == ops::Padding::valid && crop.size == block.size &&
           crop.before == 0 && in == out && block.before == (reach - 1) / 2 && block.size <= INT32_MAX;
  }

  const Shape* shape(TensorId id) const {
    if (id == kNoTensor) return nullptr;
    const auto& s = inference_.states[static_cast<size_t>(id)];
    return s.has_shape ? &s.shape : nullptr;
  }

  const Model& model_;
  const Graph& g_;
  ops::Inference inference_;
};

}  // namespace

void write_dilations(Model& model, std::vector<std::string>& changes) {
  Graph& g = model.main();
  std::vector<Triple> found;
  {
    const Finder finder(model);
    for (size_t i = 0; i < g.nodes.size(); ++i) {
      if (const auto triple = finder.at(i)) found.push_back(*triple);
    }
  }
  std::vector<bool> goes(g.nodes.size(), false);
  for (const Triple& t : found) {
    Node& n = g.nodes[t.convolution];
    n.inputs[0] = g.nodes[t.to_batches].inputs[0];
    n.outputs[0] = g.nodes[t.to_space].outputs[0];
    n.attributes.set("dilation_h_factor", t.dilation_h);
    n.attributes.set("dilation_w_factor", t.dilation_w);
    n.attributes.set("padding", static_cast<int64_t>(ops::Padding::same));
    if (n.op == OpCode::DEPTHWISE_CONV_2D) n.version = std::max(n.version, 2);
    goes[t.to_batches] = goes[t.to_space] = true;
    changes.push_back(
        fmt::format("node {} {}: dilation {} instead of batches", t.convolution, op_name(n), t.dilation_h));
  }
  std::vector<Node> kept;
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    if (!goes[i]) kept.push_back(std::move(g.nodes[i]));
  }
  g.nodes = std::move(kept);
}

}  // namespace monolite::reshaping
