// TFLite_Detection_PostProcess.
//   match   whatever the op takes
//   kernel  the op's own, in memory that stays from one inference to the next

#include "ops/detection_postprocess.h"
#include "ops/op.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

class DetectionStep : public Step {
 public:
  DetectionStep(const Planner& planner, size_t node, const ops::DetectionPostprocess& options)
      : model_(planner.model()), graph_(planner.graph_index()), node_(node), options_(options) {
    memory_.reserve(planner.view(node), options);
  }
  void bind(std::span<const ops::TensorState> tensors) override { tensors_ = tensors; }
  Expected<void> run(const RunContext&) override {
    return ops::detect(ops::Evaluation(model_, graph_, node_, tensors_), options_, memory_);
  }

 private:
  const Model& model_;
  size_t graph_, node_;
  ops::DetectionPostprocess options_;
  ops::DetectionMemory memory_;
  std::span<const ops::TensorState> tensors_;
};

}  // namespace

std::unique_ptr<Step> make_detection_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::CUSTOM || planner.node(node).custom_code != "TFLite_Detection_PostProcess") {
    return nullptr;
  }
  const auto options = ops::detection_options(planner.view(node));
  if (!options) return nullptr;
  auto step = std::make_unique<DetectionStep>(planner, node, *options);
  step->nodes = {node};
  step->kernel_name = "detection_postprocess";
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
