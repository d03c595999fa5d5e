#include "reshaping/reshape.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/op.h"
#include "reshaping/dilations.h"
#include "reshaping/open_sizes.h"
#include "reshaping/output_stride.h"

namespace monolite::reshaping {
namespace {

Expected<void> check(const Request& r) {
  const auto in_range = [](const auto& value) { return !value || (*value >= 1 && *value <= kMostExtent); };
  if (!in_range(r.height) || !in_range(r.width)) {
    return Unexpected(usage_error("--crop_size", fmt::format("{},{}", r.height.value_or(0), r.width.value_or(0)),
                                  fmt::format("1 to {} each", kMostExtent)));
  }
  if (!in_range(r.batch)) {
    return Unexpected(usage_error("--batch", std::to_string(*r.batch), fmt::format("1 to {}", kMostExtent)));
  }
  if (!in_range(r.output_stride)) {
    return Unexpected(usage_error("--output_stride", std::to_string(*r.output_stride), "8, 16 or 32"));
  }
  return {};
}

// The one input that is a picture.
Expected<TensorId> find_picture(const Model& model, const ops::Inference& inference) {
  std::vector<TensorId> found;
  for (const TensorId id : model.main().inputs) {
    const auto& s = inference.states[static_cast<size_t>(id)];
    if (s.has_shape && s.shape.rank() == 4 && s.shape.elements() > 0) found.push_back(id);
  }
  if (found.size() == 1) return found[0];
  return Unexpected(
      input_error("inputs", fmt::format("{} of four dimensions and a known size", found.size()),
                  "one: batch x height x width x channels",
                  "only --batch works for a model that takes no picture; a model with open sizes takes any "
                  "picture as it is"));
}

Expected<Before> look(const Model& model, TensorId picture) {
  Before b{.picture = picture, .inference = ops::infer_shapes(model)};
  ML_TRY(b.inference.result());
  if (picture != kNoTensor) b.grids = grids(model, b.inference, picture);
  return b;
}

class Reshaper {
 public:
  Reshaper(Model& model, const Request& request) : model_(model), graph_(model.main()), request_(request) {}

  Expected<Outcome> run() {
    const bool needs_picture = request_.height || request_.width || request_.output_stride;
    TensorId picture = kNoTensor;
    if (needs_picture) write_dilations(model_, outcome_.changes);
    {
      const auto inference = ops::infer_shapes(model_);
      ML_TRY(inference.result());
      if (needs_picture) {
        ML_ASSIGN(picture, find_picture(model_, inference));
      } else if (auto one = find_picture(model_, inference)) {
        picture = *one;
      }
    }
    ML_ASSIGN(const Before trained, look(model_, picture));
    outcome_.macs_before = macs(model_);
    if (picture != kNoTensor) {
      outcome_.input_before = trained.inference.states[static_cast<size_t>(picture)].shape;
      outcome_.output_stride_before = output_stride(trained.grids);
    }
    if (request_.output_stride) ML_TRY(set_output_stride(picture));
    ML_TRY(set_sizes(picture));
    if (picture != kNoTensor) ML_TRY(settle_grid(trained));
    ML_TRY(write_shapes(trained));
    outcome_.macs = macs(model_);
    return std::move(outcome_);
  }

 private:
  Expected<void> set_output_stride(TensorId picture) {
    for (const Node& n : graph_.nodes) {
      if (n.custom_code != "TFLite_Detection_PostProcess") continue;
      return Unexpected(input_error("--output_stride", "a detector: its boxes are trained for the strides of its maps",
                                    "a model whose last map is resized, as segmentation's is",
                                    "--crop_size and --batch work for detectors"));
    }
    for (int step = 0; step < 16; ++step) {
      ML_ASSIGN(const Before before, look(model_, picture));
      if (output_stride(before.grids) == *request_.output_stride) break;
      ML_TRY(step_output_stride(model_, picture, *request_.output_stride, outcome_.changes));
      ML_TRY(follow_sizes(model_, before, outcome_.changes));
    }
    return {};
  }

  Expected<void> set_sizes(TensorId picture) {
    ML_ASSIGN(const Before before, look(model_, picture));
    for (const TensorId id : graph_.inputs) {
      Shape& shape = graph_.tensor(id).shape;
      if (request_.batch && shape.rank() > 0) shape[0] = *request_.batch;
      if (id != picture) continue;
      shape[1] = request_.height.value_or(shape[1]);
      shape[2] = request_.width.value_or(shape[2]);
      outcome_.input = shape;
    }
    return follow_sizes(model_, before, outcome_.changes);
  }

  Expected<void> settle_grid(const Before& trained) {
    const Model as_tensorflow = model_;
    if (request_.keeps_grid && trained.picture != kNoTensor) ML_TRY(keep_grid(model_, trained, outcome_.changes));
    const auto inference = ops::infer_shapes(model_);
    ML_TRY(inference.result());
    const auto now = grids(model_, inference, trained.picture);
    outcome_.output_stride = output_stride(now);
    outcome_.shift = shift_between(trained.grids, now);
    if (outcome_.shift == Shift{}) return {};
    const Shape& wanted = outcome_.input;
    const int32_t height = friendly(as_tensorflow, trained, wanted, 1),
                  width = friendly(as_tensorflow, trained, wanted, 2);
    if (height > 0 && width > 0) outcome_.friendly = Shape{height, width};
    return {};
  }

  // The nearest extent of an axis without a shift; 0 where there is none near.
  static int32_t friendly(const Model& model, const Before& trained, const Shape& wanted, int axis) {
    for (int32_t distance = 0; distance <= 64; ++distance) {
      for (const int32_t extent : {wanted[axis] + distance, wanted[axis] - distance}) {
        if (extent < 1) continue;
        Shape shape = wanted;
        shape[axis] = extent;
        const auto inference = ops::infer_shapes(model, 0, {{trained.picture, shape}});
        const Shift shift = shift_between(trained.grids, grids(model, inference, trained.picture));
        if ((axis == 1 ? shift.y : shift.x) == 0) return extent;
      }
    }
    return 0;
  }

  // The file's shapes, where they are others than before; what stayed keeps its words.
  Expected<void> write_shapes(const Before& trained) {
    const auto inference = ops::infer_shapes(model_);
    ML_TRY(inference.result());
    for (size_t i = 0; i < graph_.tensors.size(); ++i) {
      Tensor& t = graph_.tensors[i];
      const ops::TensorState& now = inference.states[i];
      if (!now.has_shape || t.is_constant()) continue;
      const bool is_new = i >= trained.inference.states.size() || !trained.inference.states[i].has_shape;
      if (!is_new && trained.inference.states[i].shape == now.shape) continue;
      t.shape = now.shape;
      if (t.shape_signature) update_signature(*t.shape_signature, now.shape);
    }
    return {};
  }

  static void update_signature(std::vector<int32_t>& signature, const Shape& shape) {
    if (static_cast<int>(signature.size()) != shape.rank()) {
      signature = shape.dims();
      return;
    }
    for (int i = 0; i < shape.rank(); ++i) {
      int32_t& extent = signature[static_cast<size_t>(i)];
      if (extent != -1) extent = shape[i];
    }
  }

  Model& model_;
  Graph& graph_;
  const Request& request_;
  Outcome outcome_;
};

}  // namespace

int64_t macs(const Model& model) {
  const auto inference = ops::infer_shapes(model);
  int64_t total = 0;
  for (size_t i = 0; i < model.main().nodes.size(); ++i) {
    const ops::OpDef* op = ops::find_op(model.main().nodes[i]);
    const auto& outputs = model.main().nodes[i].outputs;
    const bool is_known = std::all_of(outputs.begin(), outputs.end(),
                                      [&](TensorId id) { return inference.states[static_cast<size_t>(id)].has_shape; });
    if (op == nullptr || !is_known || inference.node_errors[i]) continue;
    total += op->cost(ops::NodeView(model, 0, i, inference.states)).macs;
  }
  return total;
}

Expected<Outcome> reshape(Model& model, const Request& request) {
  ML_TRY(check(request));
  Model changed = model;
  const TensorId open = open_picture(model);
  auto outcome = open != kNoTensor && (request.height || request.width || request.output_stride)
                     ? state_sizes(changed, open, request)
                     : Reshaper(changed, request).run();
  if (outcome) model = std::move(changed);
  return outcome;
}

}  // namespace monolite::reshaping
