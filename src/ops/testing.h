#pragma once
// For tests of ops: a graph of one node, and its outputs on given values.

#include <gtest/gtest.h>

#include <vector>

#include "ir/builder.h"
#include "ops/evaluate.h"

namespace monolite::ops::testing {

template <class T>
Value value(Shape shape, std::vector<T> elements) {
  return {DTypeOf<T>::value, std::move(shape), Buffer::of(std::move(elements))};
}

template <class T>
std::vector<T> elements(const Value& v) {
  std::vector<T> all(v.data.size_bytes() / sizeof(T));
  if (!all.empty()) std::memcpy(all.data(), v.data.data(), v.data.size_bytes());
  return all;
}

// A model with one graph, to be filled with `builder`.
struct OneGraph {
  Model model;
  GraphBuilder builder;
  OneGraph() : model{.graphs = std::vector<Graph>(1)}, builder(model.graphs[0]) {}

  // The first output for these inputs; a test failure and an empty value where it cannot be computed.
  Value run(std::vector<Value> inputs) {
    auto outputs = evaluate(model, inputs);
    if (!outputs) {
      ADD_FAILURE() << to_string(outputs.error());
      return {};
    }
    return (*outputs)[0];
  }
  // The error that running gives.
  std::string error(std::vector<Value> inputs) {
    const auto outputs = evaluate(model, inputs);
    return outputs ? "no error" : to_string(outputs.error());
  }
};

}  // namespace monolite::ops::testing
