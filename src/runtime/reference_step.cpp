#include "runtime/reference_step.h"

#include "ops/work.h"

namespace monolite::runtime {
namespace {

class ReferenceStep : public Step {
 public:
  ReferenceStep(const Model& model, size_t graph, size_t node) : model_(model), graph_(graph), node_(node) {}
  void bind(std::span<const ops::TensorState> tensors) override { tensors_ = tensors; }
  Expected<void> run(const RunContext&) override {
    return ops::compute(ops::Evaluation(model_, graph_, node_, tensors_));
  }

 private:
  const Model& model_;
  size_t graph_, node_;
  std::span<const ops::TensorState> tensors_;
};

}  // namespace

std::unique_ptr<Step> make_reference_step(const Planner& planner, size_t node) {
  auto step = std::make_unique<ReferenceStep>(planner.model(), planner.graph_index(), node);
  step->nodes = {node};
  step->kernel_name = "reference";
  for (const TensorId id : planner.node(node).inputs) {
    if (id != kNoTensor) step->reads.push_back(id);
  }
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
