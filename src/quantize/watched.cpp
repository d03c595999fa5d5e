#include "quantize/watched.h"

#include <fmt/format.h>

#include "ops/infer_shapes.h"
#include "passes/remove_dead.h"

namespace monolite::quantize {
namespace {

int64_t bytes_of(const ops::Inference& inference, const Graph& graph, TensorId id) {
  const ops::TensorState& state = inference.states[static_cast<size_t>(id)];
  return state.has_shape ? state.shape.elements() * size_bytes(graph.tensor(id).dtype) : 0;
}

}  // namespace

Expected<Watched> Watched::create(const Model& model, const std::vector<TensorId>& tensors, int num_threads) {
  Watched made;
  made.model_ = std::make_unique<Model>(model);
  made.model_->main().outputs = tensors;
  made.model_->signatures.clear();
  passes::remove_dead_nodes(*made.model_);
  ML_ASSIGN(made.session_, runtime::Session::create(*made.model_, {.num_threads = num_threads}));
  return made;
}

Expected<void> Watched::run(std::span<const ops::Value> inputs) {
  if (inputs.size() != session_->input_count()) {
    return Unexpected(input_error("a sample", fmt::format("{} inputs", inputs.size()),
                                  fmt::format("{}, as the model has", session_->input_count())));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const runtime::TensorRef to = session_->input(i);
    const ops::Value& from = inputs[i];
    if (from.dtype != to.dtype || from.shape != to.shape || from.data.size_bytes() != to.bytes.size()) {
      return Unexpected(input_error(fmt::format("input {} of a sample", i),
                                    fmt::format("{} {}", name(from.dtype), to_string(from.shape)),
                                    fmt::format("{} {}", name(to.dtype), to_string(to.shape))));
    }
    if (!to.bytes.empty()) std::memcpy(to.bytes.data(), from.data.data(), to.bytes.size());
  }
  session_->reset_variables();
  return session_->invoke();
}

std::vector<std::vector<TensorId>> groups_within(const Model& model, const std::vector<TensorId>& tensors,
                                                 int64_t most_bytes) {
  const ops::Inference inference = ops::infer_shapes(model);
  std::vector<std::vector<TensorId>> groups;
  int64_t sum = 0;
  for (const TensorId id : tensors) {
    const int64_t bytes = bytes_of(inference, model.main(), id);
    if (groups.empty() || sum + bytes > most_bytes) {
      groups.emplace_back();
      sum = 0;
    }
    sum += bytes;
    groups.back().push_back(id);
  }
  return groups;
}

}  // namespace monolite::quantize
