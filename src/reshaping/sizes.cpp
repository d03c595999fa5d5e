#include "reshaping/sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "reshaping/anchors.h"
#include "reshaping/batch.h"
#include "reshaping/follow_reshape.h"

namespace monolite::reshaping {
namespace {

struct Size {
  int64_t height = 0, width = 0;
  bool operator==(const Size&) const = default;
};

std::string text(const Size& s) { return fmt::format("{}x{}", s.height, s.width); }

std::vector<int64_t> read_ints(const Tensor& t) {
  std::vector<int64_t> values;
  const size_t size = t.dtype == DType::int64 ? 8 : 4;
  for (size_t i = 0; i < t.data.size_bytes() / size; ++i) {
    values.push_back(size == 8 ? t.data.get<int64_t>(i) : t.data.get<int32_t>(i));
  }
  return values;
}

bool is_int_constant(const Graph& g, const Node& n, size_t input) {
  if (input >= n.inputs.size() || n.inputs[input] == kNoTensor) return false;
  const Tensor& t = g.tensor(n.inputs[input]);
  return t.is_constant() && (t.dtype == DType::int32 || t.dtype == DType::int64);
}

class Follower {
 public:
  Follower(Model& model, const Before& before, std::vector<std::string>& changes)
      : model_(model), graph_(model.main()), before_(before), changes_(changes) {}

  Expected<void> follow() {
    infer();
    for (node_ = 0; node_ < graph_.nodes.size(); ++node_) {
      ML_ASSIGN(const bool is_changed, fit());
      if (is_changed) infer();
      if (inference_.node_errors[node_] && !is_detection_of_many(graph_.nodes[node_])) {
        return Unexpected(does_not_fit(*inference_.node_errors[node_]));
      }
    }
    return detect_one_by_one();
  }

 private:
  void infer() {
    inference_ = ops::infer_shapes(model_);
    grids_ = before_.picture == kNoTensor ? std::vector<Grid>(graph_.tensors.size())
                                          : grids(model_, inference_, before_.picture);
    mark_unsettled();
  }

  // Tensors whose shape hangs on a node that was not fitted yet: what is inferred for them may be wrong.
  void mark_unsettled() {
    unsettled_.assign(graph_.tensors.size(), false);
    for (size_t i = node_; i < graph_.nodes.size(); ++i) {
      const Node& n = graph_.nodes[i];
      const bool is_behind = std::any_of(n.inputs.begin(), n.inputs.end(),
                                         [&](TensorId id) { return id != kNoTensor && unsettled_[index(id)]; });
      if (!is_behind && !has_size_of_its_own(n)) continue;
      for (const TensorId id : n.outputs) unsettled_[index(id)] = true;
    }
  }

  static bool has_size_of_its_own(const Node& n) {
    switch (n.op) {
      case OpCode::AVERAGE_POOL_2D:
      case OpCode::MAX_POOL_2D:
      case OpCode::L2_POOL_2D:
      case OpCode::RESIZE_BILINEAR:
      case OpCode::RESIZE_NEAREST_NEIGHBOR:
      case OpCode::RESHAPE:
      case OpCode::SLICE:
      case OpCode::STRIDED_SLICE:
      case OpCode::BROADCAST_TO:
      case OpCode::TRANSPOSE_CONV:
      case OpCode::TILE:
      case OpCode::CUSTOM:
        return true;
      default:
        return false;
    }
  }

  // Makes the current node fit; true where something was changed.
  Expected<bool> fit() {
    const Node& n = graph_.nodes[node_];
    switch (n.op) {
      case OpCode::AVERAGE_POOL_2D:
      case OpCode::MAX_POOL_2D:
      case OpCode::L2_POOL_2D:
        return fit_pool();
      case OpCode::CONV_2D:
      case OpCode::DEPTHWISE_CONV_2D:
        return check_convolution();
      case OpCode::RESIZE_BILINEAR:
      case OpCode::RESIZE_NEAREST_NEIGHBOR:
        return fit_extents(1, 0, -1);
      case OpCode::SLICE:
      case OpCode::STRIDED_SLICE:
        return fit_extents(2, 1, 0);
      case OpCode::BROADCAST_TO:
      case OpCode::TILE:
        return fit_extents(1, 1, 0);
      case OpCode::TRANSPOSE_CONV:
        return fit_extents(0, 1, 0);
      case OpCode::RESHAPE:
        return fit_reshape();
      case OpCode::FULLY_CONNECTED:
        return check_fully_connected();
      case OpCode::SPACE_TO_BATCH_ND:
      case OpCode::BATCH_TO_SPACE_ND:
        return check_space_batch();
      case OpCode::CUSTOM:
        if (n.custom_code == "TFLite_Detection_PostProcess") return fit_detection();
        return false;
      default:
        return false;
    }
  }

  Expected<bool> fit_pool() {
    Node& n = graph_.nodes[node_];
    const Shape *was = before(input(n, 0)), *is = now(input(n, 0));
    if (was == nullptr || is == nullptr || same_picture(*was, *is)) return false;
    const auto window = window_of(graph_, n, *was);
    bool is_changed = false;
    std::array<int32_t, 2> sides{};
    for (int axis = 0; axis < 2 && window; ++axis) {
      const auto a = static_cast<size_t>(axis);
      const ops::WindowAxis& w = (*window)[a];
      const int32_t extent = (*is)[axis + 1];
      sides[a] = w.filter;
      if (is_global(n, *window, a)) {
        sides[a] = extent;
        const char* filter = axis == 0 ? "filter_height" : "filter_width";
        const char* stride = axis == 0 ? "stride_h" : "stride_w";
        is_changed |= extent != w.in;
        n.attributes.set(filter, int64_t{extent});
        if (w.stride == w.filter) n.attributes.set(stride, int64_t{extent});
      } else if (w.padding == ops::Padding::valid && w.filter > extent) {
        return Unexpected(refuse(fmt::format("a window of {} over {}", w.filter, extent), "a larger crop size"));
      }
    }
    if (is_changed) note(fmt::format("window {}x{}", sides[0], sides[1]));
    return is_changed;
  }

  Expected<bool> check_convolution() {
    const Node& n = graph_.nodes[node_];
    const Shape *was = before(input(n, 0)), *is = now(input(n, 0));
    if (was == nullptr || is == nullptr || same_picture(*was, *is)) return false;
    const auto window = window_of(graph_, n, *was);
    if (window && (is_global(n, *window, 0) || is_global(n, *window, 1))) {
      return Unexpected(
          refuse(fmt::format("weights for a map of {}x{}, all of it", (*was)[1], (*was)[2]),
                 "weights that slide over a map of any size",
                 "a fully connected head fits one size only; where `legalize` made this of a pool, reshape "
                 "first, then legalize"));
    }
    return false;
  }

  // Rows of a fully connected layer may become more with the batch, not with the picture: its weights are for one size.
  Expected<bool> check_fully_connected() {
    const Node& n = graph_.nodes[node_];
    const Shape *was = before(input(n, 0)), *is = now(input(n, 0));
    if (was == nullptr || is == nullptr || was->rank() == 0 || is->rank() == 0 || was->rank() != is->rank())
      return false;
    const Shape* weights = n.inputs.size() > 1 && n.inputs[1] != kNoTensor ? now(n.inputs[1]) : nullptr;
    if (weights == nullptr || weights->rank() != 2) return false;
    const bool keeps_rows = was->back(0) == (*weights)[1] && is->back(0) == (*weights)[1];
    if (keeps_rows || was->elements(1, was->rank()) == is->elements(1, is->rank())) return false;
    return Unexpected(refuse(fmt::format("a fully connected head: weights for {} values, {} at this size",
                                         (*weights)[1], is->elements(1, is->rank())),
                             "a head that takes any size (a pool over the whole map before it)",
                             "train it for the size wanted"));
  }

  Expected<bool> check_space_batch() {
    const Node& n = graph_.nodes[node_];
    const Shape *was = before(input(n, 0)), *is = now(input(n, 0));
    if (was == nullptr || is == nullptr || same_picture(*was, *is)) return false;
    return Unexpected(refuse("a dilation spelled as batches, with paddings for one size",
                             "a convolution with a dilation",
                             "convert the model again; newer converters write dilations"));
  }

  // Input `constant` holds extents: [height, width] from entry `spatial` on, and the batch at entry `batch` (-1: none).
  Expected<bool> fit_extents(size_t constant, size_t spatial, int batch) {
    const Node& n = graph_.nodes[node_];
    const size_t data = n.op == OpCode::TRANSPOSE_CONV ? 2 : 0;
    if (data >= n.inputs.size() || !is_int_constant(graph_, n, constant)) return false;
    const Shape *was = before(n.inputs[data]), *is = now(n.inputs[data]), *out = before(output(n));
    if (was == nullptr || is == nullptr || out == nullptr) return false;
    // A map of labels has no channels: a cut behind ARG_MAX.
    const bool is_labels = is_slice(n) && was->rank() == 3;
    if ((was->rank() != 4 && !is_labels) || was->rank() != is->rank() || was->rank() != out->rank()) {
      return false;
    }
    std::vector<int64_t> values = read_ints(graph_.tensor(n.inputs[constant]));
    if (values.size() < spatial + 2) return false;
    const std::vector<int64_t> old = values;
    if (is_slice(n)) {
      ML_TRY(fit_slice(values, spatial, *was, *is, *out));
    } else if (!same_picture(*was, *is) || !same_picture(*was, *out)) {
      // Even where its own input stayed, what it is resized to may not have: the pooled branch of an ASPP.
      ML_ASSIGN(const Size size, size_now({(*was)[1], (*was)[2]}, {(*out)[1], (*out)[2]}));
      const bool is_times = n.op == OpCode::TILE;
      values[spatial] = is_times ? size.height / std::max((*is)[1], 1) : size.height;
      values[spatial + 1] = is_times ? size.width / std::max((*is)[2], 1) : size.width;
    }
    if (batch >= 0 && n.op != OpCode::TILE && (*was)[0] != (*is)[0] &&
        values[static_cast<size_t>(batch)] == (*was)[0]) {
      values[static_cast<size_t>(batch)] = (*is)[0];
    }
    if (values == old) return false;
    set_ints(constant, values);
    note(fmt::format("size {}x{}", values[spatial], values[spatial + 1]));
    return true;
  }

  static bool is_slice(const Node& n) { return n.op == OpCode::SLICE || n.op == OpCode::STRIDED_SLICE; }

  // Entries that say "all of it" follow the input, the size of a cut follows what it stands for; masks and -1 stay.
  Expected<void> fit_slice(std::vector<int64_t>& values, size_t spatial, const Shape& was, const Shape& is,
                           const Shape& out) {
    for (size_t axis = 0; axis < 2; ++axis) {
      const int extent = static_cast<int>(axis) + 1;
      int64_t& value = values[spatial + axis];
      if (value == was[extent]) {
        value = is[extent];
      } else if (value == out[extent]) {
        ML_ASSIGN(const Size size, size_now({was[1], was[2]}, {out[1], out[2]}));
        value = axis == 0 ? size.height : size.width;
      }
    }
    return {};
  }

  // What a map of `target` before, made of a map of `own`, is now.
  Expected<Size> size_now(const Size& own, const Size& target) {
    mark_unsettled();
    const Node& n = graph_.nodes[node_];
    const TensorId in = n.inputs[n.op == OpCode::TRANSPOSE_CONV ? 2 : 0];
    const Size own_now{(*now(in))[1], (*now(in))[2]};
    if (target == own) return own_now;
    if (const auto size = size_of_partner(n.outputs[0], target, 0)) return *size;
    if (before_.picture != kNoTensor) {
      if (size_before(before_.picture) == target) return *size_of(before_.picture);
      if (const auto size = size_of_map(target)) return *size;
    }
    if (const auto size = scaled(in, own, target, own_now)) return *size;
    if (before_.picture == kNoTensor || (own == own_now && own != Size{1, 1})) return target;
    return Unexpected(refuse(fmt::format("a size of {}, made of a map of {}", text(target), text(own)),
                             "the size of another map, of the picture, or a multiple of its own input's",
                             "it can't be told what this size follows; make the model again for the size wanted"));
  }

  // The size of what the tensor is joined with further on.
  std::optional<Size> size_of_partner(TensorId id, const Size& target, int depth) const {
    if (depth > 16) return std::nullopt;
    for (const int c : graph_.consumers(id)) {
      const Node& n = graph_.nodes[static_cast<size_t>(c)];
      const bool joins = n.op == OpCode::CONCATENATION || n.op == OpCode::ADD || n.op == OpCode::SUB ||
                         n.op == OpCode::MUL || n.op == OpCode::MAXIMUM || n.op == OpCode::MINIMUM;
      for (const TensorId other : n.inputs) {
        if (!joins || other == id || other == kNoTensor || graph_.tensor(other).is_constant()) continue;
        if (unsettled_[index(other)] || size_before(other) != target) continue;
        if (const auto size = size_of(other)) return size;
      }
      const bool keeps_size = n.inputs.size() <= 3 && !joins && n.outputs.size() == 1 && !has_size_of_its_own(n) &&
                              size_before(output(n)) == target && !is_strided(n);
      if (!keeps_size) continue;
      if (const auto size = size_of_partner(n.outputs[0], target, depth + 1)) return size;
    }
    return std::nullopt;
  }

  bool is_strided(const Node& n) const {
    const Shape* in = before(input(n, 0));
    const auto window = in == nullptr ? std::nullopt : window_of(graph_, n, *in);
    return window && ((*window)[0].stride != 1 || (*window)[1].stride != 1);
  }

  // The size of the maps that had it before, where they agree.
  std::optional<Size> size_of_map(const Size& target) const {
    std::optional<Size> found;
    for (size_t i = 0; i < before_.grids.size(); ++i) {
      const auto id = static_cast<TensorId>(i);
      if (!is_map(before_.grids[i]) || unsettled_[i] || size_before(id) != target) continue;
      const auto size = size_of(id);
      if (!size) continue;
      if (found && *found != *size) return std::nullopt;
      found = size;
    }
    return found;
  }

  // A multiple of its own input; a coarser or finer input needs a larger or smaller one.
  std::optional<Size> scaled(TensorId in, const Size& own, const Size& target, const Size& own_now) const {
    const auto axis = [&](size_t a, int64_t from, int64_t to, int64_t from_now) -> int64_t {
      const int64_t stride_before = before_.grids.empty() ? 0 : before_.grids[index(in)][a].stride;
      const int64_t stride = grids_[index(in)][a].stride;
      const bool is_known = stride_before > 0 && stride > 0;
      const auto follow = [&](int64_t times) { return is_known ? times * stride / stride_before : times; };
      if (from > 0 && to % from == 0) return from_now * follow(to / from);
      if (from > 1 && (to - 1) % (from - 1) == 0) return (from_now - 1) * follow((to - 1) / (from - 1)) + 1;
      return 0;
    };
    const Size size{axis(0, own.height, target.height, own_now.height),
                    axis(1, own.width, target.width, own_now.width)};
    const bool is_usable = size.height > 0 && size.width > 0 && size.height <= INT32_MAX && size.width <= INT32_MAX;
    return is_usable ? std::optional(size) : std::nullopt;
  }

  Expected<bool> fit_reshape() {
    Node& n = graph_.nodes[node_];
    if (n.inputs.empty() || n.outputs.empty()) return false;
    const Shape *was = before(input(n, 0)), *is = now(input(n, 0)), *out = before(output(n));
    if (was == nullptr || is == nullptr || out == nullptr || *was == *is) return false;
    const bool is_computed =
        n.inputs.size() > 1 && n.inputs[1] != kNoTensor && !graph_.tensor(n.inputs[1]).is_constant();
    if (is_computed) return false;
    const auto wanted = follow_reshape(*was, *out, *is);
    if (!wanted) {
      return Unexpected(
          refuse(fmt::format("{} flattened to {}, and {} now", to_string(*was), to_string(*out), to_string(*is)),
                 "extents that can follow the new size"));
    }
    const Shape* inferred = now(output(n));
    if (inferred != nullptr && *inferred == *wanted) return false;
    write_reshape(n, *wanted);
    note("shape " + to_string(*wanted));
    return true;
  }

  // Keeps a -1 of the file where it stands.
  void write_reshape(Node& n, const Shape& wanted) {
    const auto merged = [&](std::vector<int64_t> old) {
      std::vector<int64_t> values(wanted.begin(), wanted.end());
      for (size_t i = 0; i < values.size() && old.size() == values.size(); ++i) {
        if (old[i] == -1) values[i] = -1;
      }
      return values;
    };
    if (is_int_constant(graph_, n, 1)) set_ints(1, merged(read_ints(graph_.tensor(n.inputs[1]))));
    if (const AttributeValue* v = n.attributes.find("new_shape")) {
      if (const auto* old = std::get_if<std::vector<int64_t>>(v)) n.attributes.set("new_shape", merged(*old));
    }
  }

  Expected<bool> fit_detection() {
    Node& n = graph_.nodes[node_];
    if (before_.picture == kNoTensor || n.inputs.size() != 3 || n.inputs[0] == kNoTensor || n.inputs[2] == kNoTensor) {
      return false;
    }
    const Shape &was = *before(before_.picture), &is = *now(before_.picture);
    if (same_picture(was, is)) return false;
    ML_ASSIGN(Tensor anchors,
              anchors_for(model_, node_, before_.inference, inference_, {was[1], was[2], is[1], is[2]}));
    note(fmt::format("{} anchors", anchors.shape[0]));
    replace_constant(2, std::move(anchors));
    return true;
  }

  bool is_detection_of_many(const Node& n) const {
    const Shape* encodings = n.custom_code == "TFLite_Detection_PostProcess" ? now(input(n, 0)) : nullptr;
    return encodings != nullptr && encodings->rank() == 3 && (*encodings)[0] > 1;
  }

  // Detection takes one picture: a batch is split before it.
  Expected<void> detect_one_by_one() {
    for (size_t i = graph_.nodes.size(); i-- > 0;) {
      if (!is_detection_of_many(graph_.nodes[i])) continue;
      const int32_t pictures = (*now(graph_.nodes[i].inputs[0]))[0];
      ML_TRY(split_detection(graph_, i, pictures));
      changes_.push_back(
          fmt::format("node {} TFLite_Detection_PostProcess: once for each of {} pictures", i, pictures));
    }
    return ops::infer_shapes(model_).result();
  }

  void set_ints(size_t input, const std::vector<int64_t>& values) {
    Tensor t = graph_.tensor(graph_.nodes[node_].inputs[input]);
    t.data = t.dtype == DType::int64 ? Buffer::of(std::vector<int64_t>(values))
                                     : Buffer::of(std::vector<int32_t>(values.begin(), values.end()));
    replace_constant(input, std::move(t));
  }

  // Another constant in an input's place; where others read it as well, they keep theirs.
  void replace_constant(size_t input, Tensor tensor) {
    const TensorId id = graph_.nodes[node_].inputs[input];
    if (graph_.consumers(id).size() == 1 && !graph_.is_output(id)) {
      graph_.tensor(id) = std::move(tensor);
      return;
    }
    tensor.name += fmt::format("_{}", node_);
    graph_.nodes[node_].inputs[input] = graph_.add(std::move(tensor));
  }

  static bool same_picture(const Shape& a, const Shape& b) {
    return a.rank() == 4 && b.rank() == 4 && a[1] == b[1] && a[2] == b[2];
  }
  static TensorId input(const Node& n, size_t i) { return i < n.inputs.size() ? n.inputs[i] : kNoTensor; }
  static TensorId output(const Node& n) { return n.outputs.empty() ? kNoTensor : n.outputs[0]; }
  static size_t index(TensorId id) { return static_cast<size_t>(id); }
  const Shape* before(TensorId id) const {
    if (id == kNoTensor || index(id) >= before_.inference.states.size()) return nullptr;
    const auto& s = before_.inference.states[index(id)];
    return s.has_shape ? &s.shape : nullptr;
  }
  const Shape* now(TensorId id) const {
    if (id == kNoTensor) return nullptr;
    const auto& s = inference_.states[index(id)];
    return s.has_shape ? &s.shape : nullptr;
  }
  std::optional<Size> size_before(TensorId id) const {
    const Shape* s = before(id);
    return s != nullptr && s->rank() == 4 ? std::optional(Size{(*s)[1], (*s)[2]}) : std::nullopt;
  }
  std::optional<Size> size_of(TensorId id) const {
    const Shape* s = now(id);
    return s != nullptr && s->rank() == 4 ? std::optional(Size{(*s)[1], (*s)[2]}) : std::nullopt;
  }

  void note(const std::string& what) {
    changes_.push_back(fmt::format("node {} {}: {}", node_, op_name(graph_.nodes[node_]), what));
  }
  Error refuse(std::string found, std::string expected, std::string mend = {}) const {
    const Node& n = graph_.nodes[node_];
    const std::string name = n.outputs.empty() || n.outputs[0] == kNoTensor ? "" : graph_.tensor(n.outputs[0]).name;
    return input_error(fmt::format("node {} {} \"{}\"", node_, op_name(n), name), std::move(found), std::move(expected),
                       std::move(mend));
  }
  static Error does_not_fit(Error error) {
    if (error.mend.empty())
      error.mend =
          "the model fits its own size only here; reshape before `legalize`, or make it again for the size wanted";
    return error;
  }

  Model& model_;
  Graph& graph_;
  const Before& before_;
  std::vector<std::string>& changes_;
  ops::Inference inference_;
  std::vector<Grid> grids_;
  std::vector<bool> unsettled_;
  size_t node_ = 0;
};

}  // namespace

Expected<void> follow_sizes(Model& model, const Before& before, std::vector<std::string>& changes) {
  return Follower(model, before, changes).follow();
}

}  // namespace monolite::reshaping
