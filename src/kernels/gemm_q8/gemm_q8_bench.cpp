// Rows x depth x channels of DeepLab's pointwise layers.

#include <benchmark/benchmark.h>

#include "kernels/gemm_q8/packed_q8.h"

namespace monolite::kernels {
namespace {

void run(benchmark::State& state, const GemmQ8Kernel& kernel, bool rectified) {
  const int rows = static_cast<int>(state.range(0)), depth = static_cast<int>(state.range(1)),
            channels = static_cast<int>(state.range(2));
  std::vector<uint8_t> a(static_cast<size_t>(rows * depth + 64), 3), out(static_cast<size_t>(rows * channels));
  const std::vector<int16_t> weights(static_cast<size_t>(depth * channels), 1);
  const std::vector<int32_t> bias(static_cast<size_t>(channels));
  const std::vector<Multiplier> multipliers(static_cast<size_t>(channels), Multiplier{1518500250, -9});
  OutputQ8 output;
  output.zero_point = rectified ? 0 : 100;
  const PackedQ8 packed(kernel, weights, channels, 1, depth, bias, 128, multipliers, output);
  const uint8_t* segment = a.data();
  for (auto _ : state) {
    for (const PanelQ8& panel : packed.panels()) {
      kernel.run(panel,
                 {&segment, 1, packed.groups(), depth, rows, 0, out.data() + panel.first_channel, channels, output});
    }
    benchmark::ClobberMemory();
  }
  state.counters["GMAC/s"] = benchmark::Counter(static_cast<double>(rows) * depth * channels * 1e-9,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

const bool registered = [] {
  for (const GemmQ8Kernel& kernel : gemm_q8_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (const bool rectified : {true, false}) {
      auto* b =
          benchmark::RegisterBenchmark((std::string(kernel.name) + (rectified ? "/rectified" : "/signed")).c_str(),
                                       [&kernel, rectified](benchmark::State& s) { run(s, kernel, rectified); });
      b->ArgNames({"rows", "depth", "channels"})->Unit(benchmark::kMicrosecond);
      for (const auto& shape : {std::vector<int64_t>{2056, 32, 16},
                                {2056, 16, 96},
                                {1032, 96, 24},
                                {1032, 24, 144},
                                {1032, 144, 32},
                                {1089, 64, 384},
                                {1089, 384, 64},
                                {1089, 160, 960},
                                {1089, 960, 160},
                                {1089, 512, 256}}) {
        b->Args(shape);
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace monolite::kernels

BENCHMARK_MAIN();
