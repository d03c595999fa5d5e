// Any bytes as a model: legalized for a target, written and read back. A rewrite that calls itself exact has the same
// outputs as the model that it was made from.
#include <cstdlib>

#include "delegates/target.h"
#include "legalize/legalize.h"
#include "legalize/verify.h"
#include "ops/infer_shapes.h"
#include "ops/work.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace {

using namespace monolite;

constexpr int64_t kMostElements = 1 << 15, kMostWork = 1 << 22;
constexpr size_t kMostNodes = 8;

// Is it small enough to be rewritten some hundred times a second?
bool is_small(const Model& model) {
  const Graph& g = model.main();
  if (g.nodes.size() > kMostNodes) return false;
  const ops::Inference inference = ops::infer_shapes(model);
  for (const ops::TensorState& s : inference.states) {
    if (!s.has_shape || s.shape.checked_elements().value_or(kMostElements + 1) > kMostElements) return false;
  }
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    if (inference.node_errors[i]) return false;
    if (ops::work(ops::NodeView(model, 0, i, inference.states)) > kMostWork) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto& targets = delegates::all_targets();
  legalize::Options options;
  options.targets = {&targets[data[size - 1] % targets.size()]};
  options.tolerance = legalize::Proof::approximate;
  const auto model = tflite::read(Buffer::copy_of(std::as_bytes(std::span(data, size))), "fuzz");
  if (!model || !is_small(*model)) return 0;
  const legalize::Result result = legalize::legalize(*model, options);
  const auto written = tflite::write(result.model);
  if (!written) return 0;
  if (!tflite::read(Buffer::copy_of(*written), "again")) std::abort();
  if (result.steps.empty() || result.proof != legalize::Proof::exact || !result.interface_changes().empty()) return 0;
  const auto inputs = legalize::generate_inputs(*model, 1);
  if (!inputs) return 0;
  const auto verified = legalize::verify(*model, result.model, std::span(&*inputs, 1));
  if (verified && !verified->is_identical()) std::abort();
  return 0;
}
