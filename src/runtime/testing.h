#pragma once
// For tests of fast steps: the same graph through the reference backend and through sessions of every instruction set
// that the machine has, with one thread and with several.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "ir/builder.h"
#include "ops/evaluate.h"
#include "runtime/session.h"

namespace monolite::runtime::testing {

// Random numbers in [-1, 1].
inline std::vector<float> reals(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& v : values) v = std::uniform_real_distribution<float>(-1, 1)(random);
  return values;
}

// Random values for each input of the graph: all of an 8-bit type's range, [-1, 1] for float32, small whole numbers
// else.
inline std::vector<ops::Value> random_inputs(const Graph& graph, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<ops::Value> inputs;
  for (const TensorId id : graph.inputs) {
    const Tensor& t = graph.tensor(id);
    const auto count = static_cast<size_t>(t.shape.elements());
    if (t.dtype == DType::float32) {
      inputs.push_back({t.dtype, t.shape, Buffer::of(reals(t.shape.elements(), static_cast<uint32_t>(random())))});
    } else if (size_bytes(t.dtype) == 1) {
      std::vector<uint8_t> v(count);
      for (uint8_t& x : v) x = static_cast<uint8_t>(random());
      inputs.push_back({t.dtype, t.shape, Buffer::of(std::move(v))});
    } else {
      std::vector<int32_t> v(count);
      for (int32_t& x : v) x = static_cast<int32_t>(random() % 3);
      inputs.push_back({t.dtype, t.shape, Buffer::of(std::move(v))});
    }
  }
  return inputs;
}

inline std::vector<Isa> isas_of_this_machine() {
  std::vector<Isa> isas = {Isa::none};
  for (const char* cap : {"avx2", "avxvnni", "avx512", "avx512vnni", "neon", "dotprod"}) {
    const Isa isa = *isa_up_to(cap) & usable_isa();
    if (isa != isas.back()) isas.push_back(isa);
  }
#ifdef __SANITIZE_THREAD__
  // Every set is split over threads in the same way, and the portable one takes minutes here.
  isas.erase(isas.begin(), isas.end() - 1);
#endif
  return isas;
}

inline size_t different_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  size_t count = 0;
  for (size_t k = 0; k < a.size(); ++k) count += a[k] != b[k];
  return count;
}

// Floats may differ by 1e-5 of the largest.
inline size_t far_floats(std::span<const std::byte> a, std::span<const std::byte> b) {
  std::vector<float> x(a.size() / 4), y(b.size() / 4);
  if (!x.empty()) std::memcpy(x.data(), a.data(), a.size());
  if (!y.empty()) std::memcpy(y.data(), b.data(), b.size());
  float most = 0;
  for (const float v : y) most = std::max(most, std::abs(v));
  size_t count = 0;
  for (size_t k = 0; k < x.size(); ++k) count += !(std::abs(x[k] - y[k]) <= 1e-5f * most);
  return count;
}

// Are the outputs of all sessions those of the reference backend, bit for bit (floats: nearly)? And does a step of that
// kernel name's beginning take part?
inline void expect_same_bits(const Model& model, const std::string& kernel, const std::vector<ops::Value>& inputs) {
  const auto want = ops::evaluate(model, inputs);
  ASSERT_TRUE(want) << to_string(want.error());
  for (const Isa isa : isas_of_this_machine()) {
    for (const int threads : {1, 2}) {
      SessionOptions options;
      options.isa = isa;
      options.num_threads = threads;
      auto session = Session::create(model, options);
      ASSERT_TRUE(session) << to_string(session.error());
      EXPECT_NE((*session)->plan().find(" " + kernel), std::string::npos) << (*session)->plan();
      for (int round = 0; round < 2; ++round) {
        const auto got = (*session)->run(inputs);
        ASSERT_TRUE(got) << to_string(got.error());
        for (size_t i = 0; i < want->size(); ++i) {
          ASSERT_EQ((*got)[i].shape, (*want)[i].shape);
          const auto a = (*got)[i].data.bytes(), b = (*want)[i].data.bytes();
          ASSERT_EQ(a.size(), b.size());
          const size_t differ = (*want)[i].dtype == DType::float32 ? far_floats(a, b) : different_bytes(a, b);
          ASSERT_EQ(differ, 0u) << "elements of output " << i << ", " << to_string(isa) << ", " << threads
                                << " threads\n"
                                << (*session)->plan();
        }
      }
    }
  }
}

inline void expect_same_bits(const Model& model, const std::string& kernel, uint32_t seed = 1) {
  expect_same_bits(model, kernel, random_inputs(model.main(), seed));
}

}  // namespace monolite::runtime::testing
