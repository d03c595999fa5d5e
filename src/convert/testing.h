#pragma once
// What tests of lowerings and passes share: a graph is converted, its operators are named, and it is run.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "convert/convert.h"
#include "convert/graph_writer.h"
#include "ops/evaluate.h"

namespace monolite::conversion {

inline std::string placeholder(GraphWriter& w, std::vector<int64_t> dims) {
  return w.node("x", "Placeholder", {},
                {{"dtype", tensorflow::DataType::float32}, {"shape", tensorflow::PartialShape{true, std::move(dims)}}});
}

// Weights without a pattern.
inline std::vector<float> ramp(size_t count, float step = 0.1f) {
  std::vector<float> v;
  for (size_t i = 0; i < count; ++i) v.push_back(step * static_cast<float>((i * 7) % 11) - 0.4f);
  return v;
}

// The model's operators, joined, and its outputs on a picture, with and without a pass: patterns give the same numbers.
struct Tried {
  std::string ops;
  std::vector<float> values;
};

inline Tried try_graph(const tensorflow::Graph& graph, const std::vector<std::string>& without = {}) {
  const auto c = convert(graph, {.without_passes = without});
  EXPECT_TRUE(c) << to_string(c.error());
  Tried t;
  if (!c) return t;
  for (const Node& n : c->model.main().nodes) t.ops += (t.ops.empty() ? "" : " ") + op_name(n);
  const Tensor& in = c->model.main().tensor(c->model.main().inputs[0]);
  std::vector<float> x(static_cast<size_t>(in.shape.elements()));
  for (size_t i = 0; i < x.size(); ++i) x[i] = 0.37f * static_cast<float>(i % 29) - 5;
  const auto out = ops::evaluate(c->model, std::vector{ops::Value{DType::float32, in.shape, Buffer::of(std::move(x))}});
  EXPECT_TRUE(out) << to_string(out.error());
  if (!out) return t;
  t.values.resize((*out)[0].data.size_bytes() / sizeof(float));
  std::memcpy(t.values.data(), (*out)[0].data.data(), (*out)[0].data.size_bytes());
  return t;
}

inline void expect_same_numbers(const tensorflow::Graph& graph, const std::string& pass) {
  const auto with = try_graph(graph), without = try_graph(graph, {pass});
  ASSERT_EQ(with.values.size(), without.values.size());
  // A sixth may be written as 0.16667.
  for (size_t i = 0; i < with.values.size(); ++i)
    EXPECT_NEAR(with.values[i], without.values[i], 1e-5 + 3e-5 * std::abs(with.values[i])) << i;
}

}  // namespace monolite::conversion
