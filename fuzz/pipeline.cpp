// A graph of layers as the bytes choose: what it computes node by node, what the converted model computes on both
// backends; with measured ranges, whether both backends give the same integers, and whether rewrites for a target that
// call themselves exact are.
#include <cstdlib>
#include <cstring>

#include "changed_model.h"
#include "convert/convert.h"
#include "convert/interpret.h"
#include "delegates/target.h"
#include "legalize/legalize.h"
#include "legalize/verify.h"
#include "quantize/calibrate.h"
#include "quantize/to_integer.h"
#include "random_graph.h"
#include "runtime/session.h"
#include "same_numbers.h"

namespace {

using namespace monolite;
using fuzz::fail;

std::vector<ops::Value> run_fast(const Model& model, const std::vector<ops::Value>& inputs) {
  const auto session = runtime::Session::create(model, {.num_threads = 1});
  if (!session) fail("no session:", to_string(session.error()));
  auto outputs = (*session)->run(inputs);
  if (!outputs) fail("no run:", to_string(outputs.error()));
  return std::move(*outputs);
}

void expect_exact_rewrites(const Model& model, const ops::Value& x, size_t target) {
  const auto& targets = delegates::all_targets();
  legalize::Options options;
  options.targets = {&targets[target % targets.size()]};
  options.tolerance = legalize::Proof::exact;
  const legalize::Result result = legalize::legalize(model, options);
  if (result.steps.empty()) return;
  fuzz::expect_usable(result.model);
  const std::vector<ops::Value> inputs = {x};
  const auto verified = legalize::verify(model, result.model, std::span(&inputs, 1));
  if (!verified) fail("not verified:", to_string(verified.error()));
  if (!verified->is_identical()) fail("not exact for", options.targets[0]->name);
}

void expect_same_integers(const Model& model, const ops::Value& x, size_t target) {
  for (const auto type : {quantize::IntegerType::int8, quantize::IntegerType::uint8, quantize::IntegerType::int16x8}) {
    const quantize::Samples samples{1, [&](size_t) -> Expected<std::vector<ops::Value>> { return std::vector{x}; }};
    const auto calibrated = quantize::calibrate(model, samples, {.num_threads = 1});
    if (!calibrated) fail("not calibrated:", to_string(calibrated.error()));
    const auto made =
        quantize::to_integer(model, calibrated->ranges, {type, DType::float32, quantize::activation_type(type)});
    if (!made) return;  // nothing to be made integer
    fuzz::expect_usable(made->model);
    if (!made->real_nodes.empty()) continue;  // floats may differ in the last bit, and integers behind them
    const auto reference = ops::evaluate(made->model, std::vector{x});
    if (!reference) fail("not run:", to_string(reference.error()));
    const auto fast = run_fast(made->model, {x});
    const ops::Value &a = (*reference)[0], &b = fast[0];
    if (a.data.size_bytes() != b.data.size_bytes() || a.dtype != b.dtype) fail("another output");
    if (!a.data.empty() && std::memcmp(a.data.data(), b.data.data(), a.data.size_bytes()) != 0) fail("other integers");
    expect_exact_rewrites(made->model, x, target);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::RandomGraph random(data, size);
  const tensorflow::Graph graph = random.make();
  const ops::Value x = fuzz::picture(random.input_dims());
  const auto want = conversion::run_graph(graph, {{"x", x}}, {"out"});
  if (!want) fail("not interpreted:", to_string(want.error()));
  const auto converted = conversion::convert(graph, {.outputs = {"out"}});
  if (!converted) fail("not converted:", to_string(converted.error()));
  fuzz::expect_usable(converted->model);
  const auto reference = ops::evaluate(converted->model, std::vector{x});
  if (!reference) fail("not run:", to_string(reference.error()));
  fuzz::expect_near("reference:", (*want)[0], (*reference)[0]);
  fuzz::expect_near("fast:", (*want)[0], run_fast(converted->model, {x})[0]);
  expect_same_integers(converted->model, x, size == 0 ? 0 : data[size - 1]);
  return 0;
}
