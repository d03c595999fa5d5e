// ADD on 8-bit numbers.
//   match   uint8 or int8; equal shapes, or one input repeated as BroadcastRows tells
//   kernel  elementwise_q8

#include "runtime/add_q8.h"
#include "runtime/broadcast_rows.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

class AddQ8Step : public Step {
 public:
  AddQ8Step(const AddQ8& sum, const BroadcastRows& rows) : sum_(sum), rows_(rows) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    a_ = elements_of<const uint8_t>(tensors, reads[0]);
    b_ = elements_of<const uint8_t>(tensors, reads[1]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    rows_.run(context,
              [&](int64_t a, int64_t b, int64_t out, int64_t count) { sum_.add(a_ + a, b_ + b, count, out_ + out); });
    return {};
  }

 private:
  AddQ8 sum_;
  BroadcastRows rows_;
  const uint8_t *a_ = nullptr, *b_ = nullptr;
  uint8_t* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> make_add_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::ADD) return nullptr;
  const auto rows = BroadcastRows::make(planner.view(node), planner.threads());
  const auto sum = AddQ8::make(planner, node, true);
  if (!sum || !rows || rows->has_number()) return nullptr;
  auto step = std::make_unique<AddQ8Step>(*sum, *rows);
  step->nodes = {node};
  step->kernel_name = sum->kernel_name();
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
