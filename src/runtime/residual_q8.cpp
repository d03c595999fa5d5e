#include "runtime/residual_q8.h"

namespace monolite::runtime {

std::unique_ptr<Step> make_with_residual_q8(const Planner& planner, size_t node, MakeConvolutionQ8 make) {
  const auto sum = AddQ8::make(planner, node);
  if (!sum) return nullptr;
  for (const int k : {0, 1}) {
    const auto conv = planner.absorbable(node, k, OpCode::CONV_2D);
    auto step = conv ? make(planner, *conv, ResidualQ8{*sum, k == 0}) : nullptr;
    if (!step) continue;
    step->nodes.push_back(node);
    step->kernel_name += "+add";
    step->reads.push_back(planner.node(node).inputs[static_cast<size_t>(1 - k)]);
    step->writes = planner.node(node).outputs;
    return step;
  }
  return nullptr;
}

}  // namespace monolite::runtime
