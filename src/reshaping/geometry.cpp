#include "reshaping/geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ops/resize_bilinear.h"

namespace monolite::reshaping {
namespace {

using ops::WindowAxis;

class Keeper {
 public:
  Keeper(Model& model, const Before& before, std::vector<std::string>& changes)
      : graph_(model.main()),
        before_(before),
        changes_(changes),
        inference_(ops::infer_shapes(model)),
        grids_(grids(model, inference_, before.picture)) {}

  Expected<void> keep() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& n : nodes) {
      ML_TRY(keep_window(n));
      std::optional<Node> cut;
      if (n.op == OpCode::RESIZE_BILINEAR || n.op == OpCode::RESIZE_NEAREST_NEIGHBOR) cut = keep_resize(n);
      graph_.nodes.push_back(std::move(n));
      if (cut) graph_.nodes.push_back(std::move(*cut));
    }
    return {};
  }

 private:
  struct Pads {
    int32_t before = 0, after = 0;
  };

  Expected<void> keep_window(Node& n) {
    const Shape *was = shape(before_.inference, n.inputs), *is = shape(inference_, n.inputs);
    if (was == nullptr || is == nullptr || n.outputs.empty() || !is_map(grids_[index(n.outputs[0])])) return {};
    const auto old = window_of(graph_, n, *was), now = window_of(graph_, n, *is);
    if (!old || !now || (*now)[0].padding != ops::Padding::same) return {};
    // The strides are the new ones already: how it was padded shows in the grid that it made.
    Pads pads[2];
    bool is_moved = false;
    for (size_t axis = 0; axis < 2; ++axis) {
      const WindowAxis& w = (*now)[axis];
      const int64_t before = pad_before(n, axis, w);
      const int64_t after = std::max<int64_t>(0, (int64_t{w.out()} - 1) * w.stride + w.reach() - w.in - before);
      const bool fits =
          before >= 0 && before <= w.reach() && (w.in + before + after - w.reach()) / w.stride + 1 == w.out();
      if (!fits) return Unexpected(refuse(n));
      is_moved |= before != w.pad_before();
      pads[axis] = {static_cast<int32_t>(before), static_cast<int32_t>(after)};
    }
    if (!is_moved) return {};
    if (n.op != OpCode::CONV_2D && n.op != OpCode::DEPTHWISE_CONV_2D) return Unexpected(refuse(n));
    pad(n, *is, pads[0], pads[1]);
    return {};
  }

  // As many as put the first window where it was trained to look: relative to its input's first element.
  int64_t pad_before(const Node& n, size_t axis, const WindowAxis& w) const {
    const GridAxis &in = before_.grids[index(n.inputs[0])][axis], &out = before_.grids[index(n.outputs[0])][axis];
    if (in.stride < 1 || out.stride < 1) return w.pad_before();
    // offset_out = offset_in + stride_in * ((reach - 1) / 2 - pad), in pixels of the picture.
    const int64_t stride = std::max<int64_t>(1, grids_[index(n.inputs[0])][axis].stride);
    const double centre = (out.offset - in.offset) / static_cast<double>(stride);
    return std::llround(static_cast<double>(w.reach() - 1) / 2 - centre);
  }

  void pad(Node& n, const Shape& in, Pads y, Pads x) {
    const TensorId from = n.inputs[0];
    Tensor amounts{.name = graph_.tensor(n.outputs[0]).name + "_paddings", .dtype = DType::int32, .shape = {4, 2}};
    amounts.data = Buffer::of(std::vector<int32_t>{0, 0, y.before, y.after, x.before, x.after, 0, 0});
    const TensorId to = add_like(from, graph_.tensor(n.outputs[0]).name + "_padded",
                                 {in[0], in[1] + y.before + y.after, in[2] + x.before + x.after, in[3]});
    Node node{.op = OpCode::PAD, .inputs = {from, graph_.add(std::move(amounts))}, .outputs = {to}};
    node.attributes.set_table("PadOptions");
    n.inputs[0] = to;
    n.attributes.set("padding", static_cast<int64_t>(ops::Padding::valid));
    changes_.push_back(fmt::format("{} \"{}\": padded by hand, {},{} {},{}", op_name(n),
                                   graph_.tensor(n.outputs[0]).name, y.before, y.after, x.before, x.after));
    graph_.nodes.push_back(std::move(node));
  }

  // Makes the resize step as it was trained; the node that cuts what is too much.
  std::optional<Node> keep_resize(Node& n) {
    const Shape *was = shape(before_.inference, n.inputs), *is = shape(inference_, n.inputs);
    const Shape *out_was = shape(before_.inference, n.outputs), *out = shape(inference_, n.outputs);
    if (was == nullptr || is == nullptr || out_was == nullptr || out == nullptr || n.inputs.size() != 2)
      return std::nullopt;
    if (is->rank() != 4 || (*was == *is && *out_was == *out) || *was == *out_was) return std::nullopt;
    const auto a = attributes_as<ops::ResizeBilinear>(n.attributes);
    int32_t enlarged[2];
    bool is_kept = true;
    for (int axis = 1; axis <= 2; ++axis) {
      const int64_t times = steps(n.inputs[0], axis, (*was)[axis], (*out_was)[axis]);
      const int64_t large = times * (*is)[axis];
      if (times < 1 || large < (*out)[axis] || large > INT32_MAX) return std::nullopt;
      const bool is_same = a.align_corners ? (*out)[axis] - 1 == times * ((*is)[axis] - 1) : large == (*out)[axis];
      is_kept = is_kept && is_same;
      enlarged[axis - 1] = static_cast<int32_t>(large);
    }
    if (is_kept) return std::nullopt;
    n.attributes.set("align_corners", false);
    set_size(n, enlarged[0], enlarged[1]);
    changes_.push_back(fmt::format("{} \"{}\": plain, to {}x{}", op_name(n), graph_.tensor(n.outputs[0]).name,
                                   enlarged[0], enlarged[1]));
    if (enlarged[0] == (*out)[1] && enlarged[1] == (*out)[2]) return std::nullopt;
    return cut(n, {(*out)[0], enlarged[0], enlarged[1], (*out)[3]}, *out);
  }

  // How many pixels of the resized map one of the input's stands for; 0 where that is no whole number.
  int64_t steps(TensorId in, int axis, int64_t from, int64_t to) const {
    const int64_t was = before_.grids[index(in)][static_cast<size_t>(axis - 1)].stride;
    const int64_t is = grids_[index(in)][static_cast<size_t>(axis - 1)].stride;
    const int64_t times = from > 1 && (to - 1) % (from - 1) == 0 ? (to - 1) / (from - 1)
                          : from > 1 && to % from == 0           ? to / from
                                                                 : 0;
    return was > 0 && is > 0 ? times * is / was : times;
  }

  void set_size(Node& n, int32_t height, int32_t width) {
    Tensor size = graph_.tensor(n.inputs[1]);
    size.name = graph_.tensor(n.outputs[0]).name + "_size";
    size.dtype = DType::int32;
    size.data = Buffer::of(std::vector<int32_t>{height, width});
    n.inputs[1] = graph_.add(std::move(size));
  }

  Node cut(Node& n, Shape large, const Shape& wanted) {
    const TensorId out = n.outputs[0];
    const std::string name = graph_.tensor(out).name;
    n.outputs[0] = add_like(out, name + "_resized", std::move(large));
    Tensor begin{.name = name + "_begin", .dtype = DType::int32, .shape = {4}};
    begin.data = Buffer::of(std::vector<int32_t>(4));
    Tensor size{.name = name + "_cut", .dtype = DType::int32, .shape = {4}};
    size.data = Buffer::of(std::vector<int32_t>(wanted.begin(), wanted.end()));
    Node slice{.op = OpCode::SLICE};
    slice.inputs = {n.outputs[0], graph_.add(std::move(begin)), graph_.add(std::move(size))};
    slice.outputs = {out};
    slice.attributes.set_table("SliceOptions");
    return slice;
  }

  TensorId add_like(TensorId id, std::string name, Shape shape) {
    Tensor t{.name = std::move(name), .dtype = graph_.tensor(id).dtype, .shape = std::move(shape)};
    t.quantization = graph_.tensor(id).quantization;
    return graph_.add(std::move(t));
  }

  Error refuse(const Node& n) const {
    return input_error(fmt::format("{} \"{}\"", op_name(n), graph_.tensor(n.outputs[0]).name),
                       "a window whose trained padding can't be written at this size", "a convolution",
                       "take --geometry=tensorflow, or a size that --suggest names with a shift of 0");
  }
  static size_t index(TensorId id) { return static_cast<size_t>(id); }
  static const Shape* shape(const ops::Inference& inference, const std::vector<TensorId>& ids) {
    if (ids.empty() || ids[0] == kNoTensor || index(ids[0]) >= inference.states.size()) return nullptr;
    const auto& s = inference.states[index(ids[0])];
    return s.has_shape && s.shape.rank() == 4 ? &s.shape : nullptr;
  }

  Graph& graph_;
  const Before& before_;
  std::vector<std::string>& changes_;
  ops::Inference inference_;
  std::vector<Grid> grids_;
};

}  // namespace

Shift shift_between(const std::vector<Grid>& before, const std::vector<Grid>& now) {
  Shift most;
  for (size_t i = 0; i < std::min(before.size(), now.size()); ++i) {
    if (!is_map(before[i]) || !is_map(now[i])) continue;
    const double y = now[i][0].offset - before[i][0].offset, x = now[i][1].offset - before[i][1].offset;
    if (std::abs(y) > std::abs(most.y)) most.y = y;
    if (std::abs(x) > std::abs(most.x)) most.x = x;
  }
  return most;
}

Expected<void> keep_grid(Model& model, const Before& before, std::vector<std::string>& changes) {
  return Keeper(model, before, changes).keep();
}

}  // namespace monolite::reshaping
