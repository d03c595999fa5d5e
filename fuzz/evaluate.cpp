// Any bytes as a model: verified, shapes inferred, run by both backends, on numbers and an instruction set that the
// file's size chooses. Integers that no computed float stands behind must be the same. Models that would take long are
// left out.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>

#include "base/cpu.h"
#include "model_mutator.h"
#include "ops/evaluate.h"
#include "runtime/session.h"
#include "small_model.h"

namespace {

using namespace monolite;

constexpr fuzz::Most kMost = {.nodes = 32, .elements = 1 << 16};

ops::Value any_value(const Tensor& t, std::mt19937& random) {
  const auto bytes = static_cast<size_t>(bytes_of(t.shape, t.dtype));
  if (t.dtype == DType::float32) {
    std::vector<float> values(bytes / sizeof(float));
    for (float& v : values) v = static_cast<float>(random() % 2001) / 1000 - 1;
    return {t.dtype, t.shape, Buffer::of(std::move(values))};
  }
  std::vector<std::byte> values(bytes);
  if (size_bytes(t.dtype) <= 2) {
    for (std::byte& b : values) b = static_cast<std::byte>(t.dtype == DType::boolean ? random() % 2 : random());
  } else if (size_bytes(t.dtype) >= 4) {  // a small number, little-endian
    for (size_t i = 0; i < bytes; i += static_cast<size_t>(size_bytes(t.dtype))) values[i] = std::byte(random() % 4);
  }
  return {t.dtype, t.shape, Buffer::of(std::move(values))};
}

Isa any_isa(std::mt19937& random) {
  constexpr const char* kCaps[] = {"none", "avx2", "avxvnni", "avx512", "avx512vnni", "neon", "dotprod"};
  return *isa_up_to(kCaps[random() % std::size(kCaps)]) & usable_isa();
}

// Engines may add floats in another order.
bool computes_floats(const Graph& g) {
  return std::any_of(g.nodes.begin(), g.nodes.end(), [&](const Node& n) {
    return std::any_of(n.outputs.begin(), n.outputs.end(), [&](TensorId id) { return is_float(g.tensor(id).dtype); });
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto model = tflite::read(fuzz::buffer_of(data, size), "fuzz");
  if (!model || !fuzz::is_small(*model, kMost)) return 0;
  std::mt19937 random(static_cast<uint32_t>(size));
  std::vector<ops::Value> inputs;
  for (const TensorId id : model->main().inputs) inputs.push_back(any_value(model->main().tensor(id), random));
  const auto reference = ops::evaluate(*model, inputs);
  const auto session = runtime::Session::create(*model, {.num_threads = 1, .isa = any_isa(random)});
  if (!session || !reference) return 0;
  const auto fast = (*session)->run(inputs);
  if (!fast) return 0;
  const bool is_exact = !computes_floats(model->main());
  for (size_t i = 0; i < reference->size(); ++i) {
    const auto &a = (*reference)[i], &b = (*fast)[i];
    if (a.shape != b.shape || a.dtype != b.dtype) std::abort();
    if (!is_exact || is_float(a.dtype) || a.data.empty()) continue;
    if (std::memcmp(a.data.data(), b.data.data(), a.data.size_bytes()) != 0) std::abort();
  }
  return 0;
}
