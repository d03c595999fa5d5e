#pragma once
// For tests of rewrites: does one fire, and do both graphs give the same?

#include <gtest/gtest.h>

#include <string>

#include "ir/builder.h"
#include "legalize/rewrite.h"
#include "legalize/verify.h"
#include "ops/op.h"

namespace monolite::legalize::testing {

struct OneGraph {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder builder{model.graphs[0]};
};

// "RESIZE_BILINEAR 1x528x528x21 | ARG_MAX 1x528x528 | SLICE 1x513x513": what runs, with inferred shapes.
inline std::string text(const Model& model) {
  const ops::Inference inference = ops::infer_shapes(model);
  std::string all;
  for (const Node& node : model.main().nodes) {
    const ops::TensorState& out = inference.states[static_cast<size_t>(node.outputs[0])];
    all += (all.empty() ? "" : " | ") + op_name(node) + " " + (out.has_shape ? to_string(out.shape) : "?");
  }
  return all;
}

// The model after the rewrite at node `index`.
struct Rewritten {
  Model model;
  Outcome outcome = no_match();
};

inline Rewritten apply(const Rewrite& rewrite, const Model& before, size_t index = 0, bool keep_io = false) {
  Rewritten r{before, no_match()};
  const ops::Inference inference = ops::infer_shapes(r.model);
  EXPECT_TRUE(inference.result()) << to_string(inference.result().error());
  r.outcome = rewrite.apply({.model = r.model, .index = index, .inference = inference, .keep_io = keep_io});
  return r;
}

// Both models on `count` generated inputs.
inline Verification compare(const Model& before, const Model& after, int count = 3) {
  std::vector<std::vector<ops::Value>> inputs;
  for (int i = 0; i < count; ++i) {
    auto made = generate_inputs(before, static_cast<uint32_t>(i) * 100 + 1);
    EXPECT_TRUE(made) << to_string(made.error());
    if (made) inputs.push_back(std::move(*made));
  }
  auto result = verify(before, after, inputs);
  EXPECT_TRUE(result) << to_string(result.error());
  return result ? *result : Verification{.outputs = {{.name = "not run", .differing = 1}}};
}

}  // namespace monolite::legalize::testing
