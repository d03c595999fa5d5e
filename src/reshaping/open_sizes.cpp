#include "reshaping/open_sizes.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/infer_shapes.h"

namespace monolite::reshaping {
namespace {

bool is_open(const Tensor& t, int dimension) {
  return t.shape_signature && static_cast<int>(t.shape_signature->size()) == t.shape.rank() &&
         dimension < t.shape.rank() && (*t.shape_signature)[static_cast<size_t>(dimension)] == -1;
}

// Nets halve the picture some times and join what they upsample with what they had: multiples of a power of two fit.
std::string a_size_that_fits(const Model& model, TensorId picture, const Shape& wanted) {
  for (const int32_t step : {8, 16, 32, 64}) {
    Shape near = wanted;
    for (const int axis : {1, 2}) near[axis] = std::max(step, (wanted[axis] + step / 2) / step * step);
    if (ops::infer_shapes(model, 0, {{picture, near}}).result()) return fmt::format("{},{}", near[1], near[2]);
  }
  return {};
}

Expected<Shape> wanted_size(const Tensor& t, const Request& request) {
  Shape wanted = t.shape;
  const std::optional<int32_t> sides[] = {request.height, request.width};
  for (const int axis : {1, 2}) {
    const auto& side = sides[axis - 1];
    if (!side && is_open(t, axis)) {
      return Unexpected(usage_error("--crop_size", axis == 1 ? "no height" : "no width",
                                    "both: the model's picture may be of any size", "--crop_size H,W"));
    }
    wanted[axis] = side.value_or(wanted[axis]);
  }
  if (request.batch) wanted[0] = *request.batch;
  return wanted;
}

void write_shapes(Graph& g, const ops::Inference& inference, bool has_batch) {
  for (size_t i = 0; i < g.tensors.size(); ++i) {
    Tensor& t = g.tensors[i];
    if (!inference.states[i].has_shape || t.is_constant()) continue;
    const bool keeps_batch = !has_batch && is_open(t, 0);
    t.shape = inference.states[i].shape;
    if (!t.shape_signature) continue;
    t.shape_signature = t.shape.dims();
    if (keeps_batch && t.shape.rank() > 0) t.shape_signature->front() = -1;
  }
}

}  // namespace

TensorId open_picture(const Model& model) {
  TensorId found = kNoTensor;
  for (const TensorId id : model.main().inputs) {
    const Tensor& t = model.main().tensor(id);
    if (t.shape.rank() != 4 || (!is_open(t, 1) && !is_open(t, 2))) continue;
    if (found != kNoTensor) return kNoTensor;
    found = id;
  }
  return found;
}

Expected<Outcome> state_sizes(Model& model, TensorId picture, const Request& request) {
  Tensor& t = model.main().tensor(picture);
  if (request.output_stride) {
    return Unexpected(usage_error("--output_stride", "a model whose picture may be of any size",
                                  "one whose size is stated", "first `monolite reshape --crop_size H,W`"));
  }
  ML_ASSIGN(const Shape wanted, wanted_size(t, request));
  Outcome outcome{.input_before = t.shape, .input = wanted};
  const auto inference = ops::infer_shapes(model, 0, {{picture, wanted}});
  if (auto fits = inference.result(); !fits) {
    Error e = std::move(fits).error();
    const std::string near = a_size_that_fits(model, picture, wanted);
    e.mend = near.empty() ? "another size" : fmt::format("--crop_size {} is computed", near);
    return Unexpected(std::move(e));
  }
  write_shapes(model.main(), inference, request.batch.has_value());
  outcome.macs = macs(model);
  outcome.changes.push_back(fmt::format("input \"{}\" is always {}; its size was open", t.name, to_string(wanted)));
  return outcome;
}

}  // namespace monolite::reshaping
