// ADD on 8-bit numbers.
//   match   uint8 or int8, equal shapes
//   kernel  elementwise_q8

#include <algorithm>

#include "runtime/convolution_q8.h"
#include "runtime/fast_steps.h"
#include "runtime/residual_q8.h"

namespace monolite::runtime {
namespace {

class AddQ8Step : public Step {
 public:
  AddQ8Step(const ResidualQ8& sum, int64_t count, int threads)
      : sum_(sum), count_(count), pieces_(pieces_of(count, 4096, 65536, threads)) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    const auto at = [&](TensorId id) { return reinterpret_cast<uint8_t*>(tensors[static_cast<size_t>(id)].data); };
    a_ = at(reads[0]);
    b_ = at(reads[1]);
    out_ = at(writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t first = piece * pieces_.rows;
      sum_.add(a_ + first, b_ + first, std::min(pieces_.rows, count_ - first), out_ + first);
    });
    return {};
  }

 private:
  ResidualQ8 sum_;
  int64_t count_;
  const uint8_t *a_ = nullptr, *b_ = nullptr;
  uint8_t* out_ = nullptr;
  Pieces pieces_;
};

}  // namespace

std::unique_ptr<Step> make_add_q8_step(const Planner& planner, size_t node) {
  const auto sum = ResidualQ8::make(planner, node);
  if (!sum) return nullptr;
  auto step = std::make_unique<AddQ8Step>(*sum, planner.view(node).shape(0).elements(), planner.threads());
  step->nodes = {node};
  step->kernel_name = sum->kernel_name();
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
