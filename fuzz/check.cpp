// Any bytes as a model: every target's rules are asked about it, and each node is taken or has a reason.
#include "delegates/check.h"
#include "fail.h"
#include "model_mutator.h"
#include "tflite/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const auto model = tflite::read(fuzz::buffer_of(data, size), "fuzz");
  if (!model) return 0;
  const delegates::GraphContext context(*model);
  for (const delegates::Target& target : delegates::all_targets()) {
    const delegates::Verdict verdict = delegates::check(context, target);
    const int told = verdict.delegated_nodes + static_cast<int>(verdict.cpu_nodes.size());
    if (told != verdict.nodes) fuzz::fail("nodes without an answer for", target.name);
    for (const delegates::CpuNode& node : verdict.cpu_nodes) {
      if (node.reasons.empty()) fuzz::fail("no reason for node", std::to_string(node.index));
    }
  }
  return 0;
}
