// A net with trained ranges as the bytes choose: converted to integers it computes what the graph does, but for
// rounding, on both backends the same, and after exact rewrites for a target too.
#include <algorithm>
#include <cmath>

#include "both_backends.h"
#include "convert/convert.h"
#include "convert/interpret.h"
#include "random_trained_net.h"

namespace {

using namespace monolite;
using fuzz::fail;
using fuzz::RandomTrainedNet;

// Every byte there is, and the reals that they stand for.
struct Picture {
  explicit Picture(const std::vector<int64_t>& dims) : shape(std::vector<int32_t>(dims.begin(), dims.end())) {
    for (int64_t i = 0; i < shape.elements(); ++i) bytes.push_back(static_cast<uint8_t>((i * 37 + 11) % 256));
  }
  ops::Value of(DType dtype) const {
    if (dtype == DType::uint8) return {dtype, shape, Buffer::of(std::vector<uint8_t>(bytes))};
    if (dtype == DType::int8) {
      std::vector<int8_t> v;
      for (const uint8_t b : bytes) v.push_back(static_cast<int8_t>(b - 128));
      return {dtype, shape, Buffer::of(std::move(v))};
    }
    std::vector<float> v;
    for (const uint8_t b : bytes) {
      v.push_back(static_cast<float>((b - RandomTrainedNet::kMean) / RandomTrainedNet::kStdDev));
    }
    return {DType::float32, shape, Buffer::of(std::move(v))};
  }

  Shape shape;
  std::vector<uint8_t> bytes;
};

std::vector<double> real_values(const Tensor& t, const ops::Value& v) {
  std::vector<double> all;
  for (size_t i = 0; i < v.data.size_bytes(); ++i) {
    const int q = v.dtype == DType::int8 ? int{v.data.get<int8_t>(i)} : int{v.data.get<uint8_t>(i)};
    all.push_back(double{t.quantization.scale[0]} * static_cast<double>(q - t.quantization.zero_point[0]));
  }
  return all;
}

// Every layer rounds, and where training rounded once, two nodes may; a wrong scale or zero point is far from that.
void expect_close(const ops::Value& want, const std::vector<double>& got, double scale) {
  constexpr double kSteps = 255, kMostInAll = 0.1, kMost = 0.6;  // of the output's range
  double sum = 0, largest = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(got[i] - double{want.data.get<float>(i)}) / (kSteps * scale);
    sum += error;
    largest = std::max(largest, error);
  }
  const double mean = got.empty() ? 0 : sum / static_cast<double>(got.size());
  if (mean > kMostInAll || largest > kMost) {
    fail("far from the graph: of the range", std::to_string(mean) + ", at most " + std::to_string(largest));
  }
}

bool has_floats(const Graph& g) {
  for (const Node& n : g.nodes) {
    if (n.op == OpCode::DEQUANTIZE) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using conversion::InferenceType;
  RandomTrainedNet random(data, size);
  const tensorflow::Graph graph = random.make();
  const Picture picture(random.input_dims());
  const auto want = conversion::run_graph(graph, {{"x", picture.of(DType::float32)}}, {"out"});
  if (!want) fail("not interpreted:", to_string(want.error()));
  for (const auto type : {InferenceType::uint8, InferenceType::int8}) {
    const auto converted = conversion::convert(graph, {.outputs = {"out"},
                                                       .type = type,
                                                       .means = {RandomTrainedNet::kMean},
                                                       .std_devs = {RandomTrainedNet::kStdDev},
                                                       .requantize_concat_inputs = size % 2 == 0});
    if (!converted) fail("not converted:", to_string(converted.error()));
    const Model& model = converted->model;
    fuzz::expect_usable(model);
    const std::vector<ops::Value> inputs = {picture.of(type == InferenceType::uint8 ? DType::uint8 : DType::int8)};
    const ops::Value got = fuzz::run_reference(model, inputs)[0];
    const Tensor& out = model.main().tensor(model.main().outputs[0]);
    expect_close((*want)[0], real_values(out, got), double{out.quantization.scale[0]});
    if (has_floats(model.main())) continue;  // may differ in the last bit, and integers behind them
    fuzz::expect_same_bits(got, fuzz::run_fast(model, inputs)[0]);
    fuzz::expect_exact_rewrites(model, inputs, size == 0 ? 0 : data[size - 1]);
  }
  return 0;
}
