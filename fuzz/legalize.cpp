// Any bytes as a model: legalized for a target, written and read back. A rewrite that calls itself exact has the same
// outputs as the model that it was made from.
#include <cstdlib>

#include "delegates/target.h"
#include "legalize/legalize.h"
#include "legalize/verify.h"
#include "model_mutator.h"
#include "small_model.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  if (size == 0) return 0;
  const auto& targets = delegates::all_targets();
  legalize::Options options;
  options.targets = {&targets[data[size - 1] % targets.size()]};
  options.tolerance = legalize::Proof::approximate;
  const auto model = tflite::read(fuzz::buffer_of(data, size), "fuzz");
  if (!model || !fuzz::is_small(*model)) return 0;
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
