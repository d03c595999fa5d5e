// A cache of packed weights, with any bytes of it changed and its hash right again: a session starts and runs, or says
// why not.
#include <cstring>
#include <fstream>
#include <iterator>

#include "ir/builder.h"
#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "ops/fully_connected.h"
#include "runtime/session.h"
#include "runtime/weight_cache.h"
#include "scratch_folder.h"

namespace {

using namespace monolite;

std::vector<uint8_t> weights(size_t count) {
  std::vector<uint8_t> w(count);
  for (size_t i = 0; i < count; ++i) w[i] = static_cast<uint8_t>(i % 7 == 0 ? i * 37 : 100 + i % 50);
  return w;
}

// A convolution, a depthwise one and a matrix product, of 8 bits.
Model three_layers() {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::uint8, {1, 5, 5, 5}, per_tensor(0.1f, 128));
  const auto f = g.constant<uint8_t>("f", {20, 3, 3, 5}, weights(900), per_tensor(0.01f, 121));
  const auto y = g.tensor("y", DType::uint8, {}, per_tensor(0.3f, 128));
  g.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
  const auto d = g.constant<uint8_t>("d", {1, 3, 3, 20}, weights(180), per_tensor(0.02f, 130));
  const auto z = g.tensor("z", DType::uint8, {}, per_tensor(0.5f, 128));
  ops::DepthwiseConv2D depthwise;
  depthwise.stride_w = depthwise.stride_h = depthwise.depth_multiplier = 1;
  g.node(OpCode::DEPTHWISE_CONV_2D, {y, d}, {z}, "DepthwiseConv2DOptions", depthwise);
  const auto m = g.constant<uint8_t>("m", {10, 20}, weights(200), per_tensor(0.02f, 110));
  const auto out = g.tensor("out", DType::uint8, {}, per_tensor(1.0f, 128));
  g.node(OpCode::FULLY_CONNECTED, {z, m}, {out}, "FullyConnectedOptions", ops::FullyConnected{});
  g.output(out);
  return model;
}

void start(const Model& model, const std::string& cache) {
  const std::byte model_bytes[] = {std::byte{1}};
  runtime::SessionOptions options;
  options.num_threads = 1;
  options.weight_cache_file = cache;
  options.model_bytes = model_bytes;
  const auto session = runtime::Session::create(model, options);
  if (session) (void)(*session)->invoke();
}

std::string sealed(std::string file) {
  std::vector<std::byte> bytes(file.size());
  std::memcpy(bytes.data(), file.data(), file.size());
  runtime::WeightCache::seal(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// The input is a list of changes, 6 bytes each: where (4), whether the file is cut there (1; above 250), the byte that
// is put there.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::ScratchFolder folder;
  static const Model model = three_layers();
  static const std::string made = [] {
    start(model, folder.file("made"));
    std::ifstream in(folder.file("made"), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  std::string file = made;
  constexpr size_t kChange = 6;
  for (; size >= kChange; data += kChange, size -= kChange) {
    uint32_t at = 0;
    std::memcpy(&at, data, sizeof(at));
    if (file.empty()) break;
    const size_t position = at % file.size();
    file[position] = static_cast<char>(data[5]);
    if (data[4] > 250) file.resize(position);
  }
  if (file.size() < 64) return 0;  // no head to seal
  folder.write("changed", sealed(std::move(file)));
  start(model, folder.file("changed"));
  return 0;
}
