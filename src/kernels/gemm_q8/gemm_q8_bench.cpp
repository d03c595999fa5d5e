// Rows x segments x depth of one x channels: DeepLab's pointwise layers, EDSR's 3x3 ones (int8), MobileNet v2's last.

#include <benchmark/benchmark.h>

#include "kernels/gemm_q8/packed_q8.h"

namespace monolite::kernels {
namespace {

void run(benchmark::State& state, const GemmQ8Kernel& kernel, bool rectified) {
  const int rows = static_cast<int>(state.range(0)), segments = static_cast<int>(state.range(1)),
            depth = static_cast<int>(state.range(2)), channels = static_cast<int>(state.range(3));
  const int row_stride = segments == 1 ? depth : depth / segments;  // windows overlap
  std::vector<uint8_t> a(static_cast<size_t>(rows * row_stride + depth + 64), 3);
  std::vector<uint8_t> out(static_cast<size_t>(rows * channels));
  const std::vector<uint8_t> filter(static_cast<size_t>(segments * depth * channels), 129);
  const std::vector<int32_t> bias(static_cast<size_t>(channels));
  const std::vector<Multiplier> multipliers(static_cast<size_t>(channels), Multiplier{1518500250, -9});
  OutputQ8 output;
  output.zero_point = rectified ? 0 : 100;
  const PackedQ8 packed(kernel, {filter, 0, 128}, channels, segments, depth, bias, 128, multipliers, output);
  const std::vector<const uint8_t*> starts(static_cast<size_t>(segments), a.data());
  const uint8_t flip = segments == 1 ? 0 : 0x80;
  for (auto _ : state) {
    for (const PanelQ8& panel : packed.panels()) {
      kernel.run(panel, {starts.data(), segments, packed.groups(), row_stride, rows, flip,
                         out.data() + panel.first_channel, channels, output});
    }
    benchmark::ClobberMemory();
  }
  state.counters["GMAC/s"] = benchmark::Counter(static_cast<double>(rows) * segments * depth * channels * 1e-9,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

const bool registered = [] {
  for (const GemmQ8Kernel& kernel : gemm_q8_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (const bool rectified : {true, false}) {
      auto* b =
          benchmark::RegisterBenchmark((std::string(kernel.name) + (rectified ? "/rectified" : "/signed")).c_str(),
                                       [&kernel, rectified](benchmark::State& s) { run(s, kernel, rectified); });
      b->ArgNames({"rows", "segments", "depth", "channels"})->Unit(benchmark::kMicrosecond);
      for (const auto& shape : {std::vector<int64_t>{2056, 3, 9, 32},
                                {2056, 1, 32, 16},
                                {2056, 1, 16, 96},
                                {1032, 1, 96, 24},
                                {1032, 1, 24, 144},
                                {1032, 1, 144, 32},
                                {1089, 1, 64, 384},
                                {1089, 1, 384, 64},
                                {1089, 1, 160, 960},
                                {1089, 1, 960, 160},
                                {1089, 1, 512, 256},
                                {960, 3, 96, 32},
                                {960, 3, 96, 12},
                                {49, 1, 960, 160}}) {
        b->Args(shape);
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace monolite::kernels

BENCHMARK_MAIN();
