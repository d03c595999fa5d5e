#include "convert/pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "ops/infer_shapes.h"
#include "ops/op.h"

namespace monolite::conversion {

const std::vector<std::string>& pass_names() {
  static const std::vector<std::string> names = {
#define PASS(name, ...) #name,
#include "convert/passes.inc"
#undef PASS
  };
  return names;
}

Expected<void> verify(const Model& model) {
  const ops::Inference inference = ops::infer_shapes(model);
  for (size_t i = 0; i < inference.node_errors.size(); ++i) {
    if (inference.node_errors[i] && ops::find_op(model.main().nodes[i]) != nullptr)
      return Unexpected(*inference.node_errors[i]);
  }
  return {};
}

Expected<void> Pipeline::leave_out(const std::vector<std::string>& names) {
  const auto& known = pass_names();
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest(name, known);
    return Unexpected(usage_error("--without_pass", "\"" + printable(name) + "\"",
                                  fmt::format("one of {}", fmt::join(known, ", ")),
                                  near.empty() ? "" : "did you mean \"" + near + "\"?"));
  }
  left_out_ = names;
  return {};
}

Expected<void> Pipeline::run(const std::string& name, const std::function<int()>& pass) {
  if (std::find(left_out_.begin(), left_out_.end(), name) != left_out_.end()) {
    runs_.push_back({.name = name, .is_left_out = true});
    return {};
  }
  const auto start = Clock::now();
  const int changed = pass();
  runs_.push_back({.name = name, .changed = changed, .ms = ms_since(start)});
  if (changed == 0) return {};
  const auto verified = verify(lowered_.model);
  return verified ? Expected<void>() : Expected<void>(Unexpected(verified.error().at("after the pass " + name)));
}

Expected<void> Pipeline::step(const std::string& name, const std::function<Expected<int>()>& work) {
  const auto start = Clock::now();
  ML_ASSIGN(const int changed, work());
  runs_.push_back({.name = name, .changed = changed, .ms = ms_since(start)});
  return {};
}

}  // namespace monolite::conversion
