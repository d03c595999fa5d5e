#pragma once
// For tests of ops: one node on values that are all inputs of the graph.

#include <string>
#include <vector>

#include "ops/op.h"
#include "ops/testing.h"

namespace monolite::ops::testing {

struct OneNode {
  OpCode op = OpCode::CUSTOM;
  std::vector<Value> inputs;
  DType output = DType::float32;
  Quantization output_quantization = {};
  std::vector<Quantization> input_quantization = {};  // as many as inputs, or none
  int outputs = 1;

  template <class A = NoAttributes>
  OneGraph graph(const std::string& table = {}, A attributes = {}) const {
    OneGraph g;
    std::vector<TensorId> in, out;
    for (size_t i = 0; i < inputs.size(); ++i) {
      in.push_back(g.builder.input("x" + std::to_string(i), inputs[i].dtype, inputs[i].shape,
                                   i < input_quantization.size() ? input_quantization[i] : Quantization{}));
    }
    for (int i = 0; i < outputs; ++i) {
      out.push_back(g.builder.tensor("y" + std::to_string(i), output, {}, output_quantization));
      g.builder.output(out.back());
    }
    g.builder.node(op, in, out, table, attributes);
    return g;
  }

  // All outputs; a test failure and none where they cannot be computed.
  template <class A = NoAttributes>
  std::vector<Value> run_all(const std::string& table = {}, A attributes = {}) const {
    auto g = graph(table, attributes);
    auto all = evaluate(g.model, inputs);
    if (all) return *all;
    ADD_FAILURE() << to_string(all.error());
    return {};
  }
  // The first output.
  template <class A = NoAttributes>
  Value run(const std::string& table = {}, A attributes = {}) const {
    return graph(table, attributes).run(inputs);
  }
  // What the error says.
  template <class A = NoAttributes>
  std::string error(const std::string& table = {}, A attributes = {}) const {
    return graph(table, attributes).error(inputs);
  }
};

template <class T>
Value vector(std::vector<T> all) {
  const auto count = static_cast<int32_t>(all.size());
  return value<T>({count}, std::move(all));
}

}  // namespace monolite::ops::testing
