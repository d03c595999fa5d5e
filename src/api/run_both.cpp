#include "api/run_both.h"

#include <fmt/format.h>

#include "api/verification_inputs.h"
#include "base/text.h"
#include "legalize/verify.h"
#include "runtime/session.h"

namespace monolite {
namespace {

// What the reference kernels do in a few seconds; above it the fast backend, which gives the same bits, runs both
// models.
constexpr int64_t kMostReferenceMacs = 20'000'000'000;
// What is run on made-up inputs, unasked.
constexpr int64_t kMostUnaskedMacs = 1'000'000'000'000;

Expected<legalize::Runner> fast_runner(const Model& model) {
  ML_ASSIGN(std::shared_ptr<runtime::Session> session, runtime::Session::create(model));
  return legalize::Runner([session](std::span<const ops::Value> inputs) {
    session->reset_variables();
    return session->run(inputs);
  });
}

}  // namespace

Expected<Verified> run_both(const Model& before, const Model& after, const std::vector<std::string>& files,
                            int64_t macs) {
  Verified v;
  if (files.empty() && macs > kMostUnaskedMacs) {
    v.why_not = fmt::format("{} MACs; --verify FILE runs them all the same", with_commas(macs));
    return v;
  }
  const bool is_small = macs <= kMostReferenceMacs;
  const auto inputs = files.empty() ? made_up_inputs(before, macs / 2) : inputs_from_files(before, files);
  if (!inputs && !files.empty()) return Unexpected(inputs.error());
  const auto verification = inputs ? legalize::verify(before, after, inputs->sets,
                                                      is_small ? legalize::MakeRunner(legalize::reference_runner)
                                                               : legalize::MakeRunner(fast_runner))
                                   : Expected<legalize::Verification>(Unexpected(inputs.error()));
  if (!verification) {
    v.why_not = to_string(verification.error());
    return v;
  }
  v.inputs = inputs->said;
  v.backend = is_small ? "reference" : "fast";
  v.is_identical = verification->is_identical();
  for (const auto& o : verification->outputs) {
    v.outputs.push_back({printable(o.name), o.is_label, o.elements, o.differing, o.largest});
  }
  return v;
}

}  // namespace monolite
