#pragma once
// For tests of targets: a graph of one node, and what a target says of it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "delegates/check.h"
#include "ir/builder.h"

namespace monolite::delegates::testing {

// A model with one node, built by hand: inputs and outputs are added, then the node.
struct OneNode {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder builder{model.graphs[0]};
  std::vector<TensorId> inputs, outputs;

  OneNode& input(DType dtype, Shape shape, Quantization q = {}) {
    inputs.push_back(builder.input("x", dtype, std::move(shape), std::move(q)));
    return *this;
  }
  template <class T>
  OneNode& constant(Shape shape, std::vector<T> values, Quantization q = {}) {
    inputs.push_back(builder.constant<T>("c", std::move(shape), std::move(values), std::move(q)));
    return *this;
  }
  OneNode& output(DType dtype, Shape shape, Quantization q = {}) {
    outputs.push_back(builder.tensor("y", dtype, std::move(shape), std::move(q)));
    return *this;
  }
  Node& node(OpCode op, int version = 1) {
    Node& made = builder.node(op, inputs, outputs);
    made.version = version;
    builder.output(outputs[0]);
    return made;
  }

  // The codes of the reasons, "taken" where there are none: "align_corners half_pixel_centers".
  std::string verdict(const std::string& target) const {
    const auto found = find_target(target);
    if (!found) return to_string(found.error());
    const Judgement judgement = judge(GraphContext(model), **found);
    std::string codes;
    for (const Refusal& r : judgement[0]) {
      EXPECT_FALSE(r.message.empty());
      codes += (codes.empty() ? "" : " ") + r.code;
    }
    return codes.empty() ? "taken" : codes;
  }
};

inline Quantization q(float scale, int64_t zero_point = 0) { return per_tensor(scale, zero_point); }

}  // namespace monolite::delegates::testing
