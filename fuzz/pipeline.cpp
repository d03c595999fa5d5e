// A graph of layers as the bytes choose: what it computes node by node, what the converted model computes on both
// backends; with measured ranges, whether both backends give the same integers, and whether rewrites for a target that
// call themselves exact are.
#include "both_backends.h"
#include "convert/convert.h"
#include "convert/interpret.h"
#include "quantize/calibrate.h"
#include "quantize/to_integer.h"
#include "random_graph.h"
#include "same_numbers.h"

namespace {

using namespace monolite;
using fuzz::fail;

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
    fuzz::expect_same_bits(fuzz::run_reference(made->model, {x})[0], fuzz::run_fast(made->model, {x})[0]);
    fuzz::expect_exact_rewrites(made->model, {x}, target);
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
  fuzz::expect_near("reference:", (*want)[0], fuzz::run_reference(converted->model, {x})[0]);
  fuzz::expect_near("fast:", (*want)[0], fuzz::run_fast(converted->model, {x})[0]);
  expect_same_integers(converted->model, x, size == 0 ? 0 : data[size - 1]);
  return 0;
}
