// Any bytes as a model: verified, shapes inferred, run on zeros by both backends, which must agree. Models that would take
// long are left out.
#include <cstdlib>
#include <cstring>

#include "ops/evaluate.h"
#include "ops/infer_shapes.h"
#include "ops/work.h"
#include "runtime/session.h"
#include "tflite/reader.h"

namespace {

using namespace monolite;

constexpr int64_t kMostElements = 1 << 16, kMostWork = 1 << 22;

// Is it small enough to run some thousand times a minute?
bool is_small(const Model& model) {
  const Graph& g = model.main();
  if (g.nodes.size() > 32) return false;
  const ops::Inference inference = ops::infer_shapes(model);
  for (size_t i = 0; i < g.tensors.size(); ++i) {
    const ops::TensorState& s = inference.states[i];
    if (!s.has_shape || s.shape.elements() > kMostElements) return false;
  }
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    if (inference.node_errors[i]) return false;
    if (ops::work(ops::NodeView(model, 0, i, inference.states)) > kMostWork) return false;
  }
  return true;
}

std::vector<ops::Value> zeros(const Graph& g) {
  std::vector<ops::Value> inputs;
  for (const TensorId id : g.inputs) {
    const Tensor& t = g.tensor(id);
    const auto bytes = static_cast<size_t>((t.shape.elements() * size_bits(t.dtype) + 7) / 8);
    inputs.push_back({t.dtype, t.shape, Buffer::of(std::vector<std::byte>(bytes))});
  }
  return inputs;
}

bool is_integer_output(const ops::Value& v) { return is_integer(v.dtype) || v.dtype == DType::boolean; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto model = tflite::read(Buffer::copy_of(std::as_bytes(std::span(data, size))), "fuzz");
  if (!model || !is_small(*model)) return 0;
  const auto inputs = zeros(model->main());
  const auto reference = ops::evaluate(*model, inputs);
  const auto session = runtime::Session::create(*model, {.num_threads = 1});
  if (!session || !reference) return 0;
  const auto fast = (*session)->run(inputs);
  if (!fast) return 0;
  for (size_t i = 0; i < reference->size(); ++i) {
    const auto &a = (*reference)[i], &b = (*fast)[i];
    if (a.shape != b.shape || a.dtype != b.dtype) std::abort();
    if (!is_integer_output(a)) continue;
    if (a.data.size_bytes() > 0 && std::memcmp(a.data.data(), b.data.data(), a.data.size_bytes()) != 0) std::abort();
  }
  return 0;
}
