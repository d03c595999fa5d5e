#pragma once
// A model on both backends, and rewritten for a target.

#include <cstring>
#include <vector>

#include "changed_model.h"
#include "delegates/target.h"
#include "legalize/legalize.h"
#include "legalize/verify.h"
#include "runtime/session.h"

namespace monolite::fuzz {

inline std::vector<ops::Value> run_reference(const Model& model, const std::vector<ops::Value>& inputs) {
  auto outputs = ops::evaluate(model, inputs);
  if (!outputs) fail("not run:", to_string(outputs.error()));
  return std::move(*outputs);
}

inline std::vector<ops::Value> run_fast(const Model& model, const std::vector<ops::Value>& inputs) {
  const auto session = runtime::Session::create(model, {.num_threads = 1});
  if (!session) fail("no session:", to_string(session.error()));
  auto outputs = (*session)->run(inputs);
  if (!outputs) fail("no run:", to_string(outputs.error()));
  return std::move(*outputs);
}

inline void expect_same_bits(const ops::Value& want, const ops::Value& got) {
  if (want.data.size_bytes() != got.data.size_bytes() || want.dtype != got.dtype) fail("another output");
  if (!want.data.empty() && std::memcmp(want.data.data(), got.data.data(), want.data.size_bytes()) != 0) {
    fail("other integers");
  }
}

// Rewrites of a model of integers that call themselves exact are.
inline void expect_exact_rewrites(const Model& model, const std::vector<ops::Value>& inputs, size_t target) {
  const auto& targets = delegates::all_targets();
  legalize::Options options;
  options.targets = {&targets[target % targets.size()]};
  options.tolerance = legalize::Proof::exact;
  const legalize::Result result = legalize::legalize(model, options);
  if (result.steps.empty()) return;
  expect_usable(result.model);
  const auto verified = legalize::verify(model, result.model, std::span(&inputs, 1));
  if (!verified) fail("not verified:", to_string(verified.error()));
  if (!verified->is_identical()) fail("not exact for", options.targets[0]->name);
}

}  // namespace monolite::fuzz
