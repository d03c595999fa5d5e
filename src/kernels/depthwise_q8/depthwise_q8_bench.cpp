// One output row of DeepLab's depthwise layers.

#include <benchmark/benchmark.h>

#include "kernels/depthwise_q8/packed_depthwise_q8.h"

namespace monolite::kernels {
namespace {

void run(benchmark::State& state, const DepthwiseQ8Kernel& kernel, bool wide) {
  const int columns = static_cast<int>(state.range(0)), channels = static_cast<int>(state.range(1)),
            stride = static_cast<int>(state.range(2)), dilation = static_cast<int>(state.range(3));
  const int out_columns = (columns + stride - 1) / stride;
  const int rows = stride == 1 ? 2 : 1;  // output rows from one interleaving
  std::vector<uint8_t> in(static_cast<size_t>(columns * channels + 64), 3),
      out(static_cast<size_t>(rows * out_columns * channels));
  const std::vector<uint8_t> filter(static_cast<size_t>(9 * channels), wide ? 200 : 100);
  const std::vector<int32_t> bias(static_cast<size_t>(channels));
  const std::vector<Multiplier> multipliers(static_cast<size_t>(channels), Multiplier{1518500250, -9});
  const PackedDepthwiseQ8 packed(kernel, {filter, 0, 0}, 3, 3, channels, bias, 0, multipliers, {});
  std::vector<uint8_t> scratch(static_cast<size_t>(depthwise_q8_scratch(1, 3, stride, dilation)) + 64);
  auto* aligned = scratch.data() + (64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64) % 64;
  for (auto _ : state) {
    for (const DepthwiseBlockQ8& block : packed.blocks()) {
      const uint8_t* row = in.data() + block.first_channel;
      const uint8_t* const window[] = {row, row, row, row};
      uint8_t* to = out.data() + block.first_channel;
      kernel.run(block, {window,
                         1,
                         channels,
                         columns,
                         dilation,
                         3,
                         stride,
                         dilation,
                         0,
                         0,
                         {to, rows == 2 ? to + out_columns * channels : nullptr},
                         channels,
                         out_columns,
                         {},
                         aligned});
    }
    benchmark::ClobberMemory();
  }
  state.counters["Goutputs/s"] =
      benchmark::Counter(1e-9 * rows * out_columns * channels, benchmark::Counter::kIsIterationInvariantRate);
}

const bool registered = [] {
  for (const DepthwiseQ8Kernel& kernel : depthwise_q8_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (const bool wide : {false, true}) {
      auto* b = benchmark::RegisterBenchmark((std::string(kernel.name) + (wide ? "/wide" : "")).c_str(),
                                             [&kernel, wide](benchmark::State& s) { run(s, kernel, wide); });
      b->ArgNames({"columns", "channels", "stride", "dilation"});
      b->Args({257, 32, 1, 1})
          ->Args({257, 96, 2, 1})
          ->Args({129, 144, 1, 1})
          ->Args({65, 192, 1, 1})
          ->Args({33, 960, 1, 2});
    }
  }
  return true;
}();

}  // namespace
}  // namespace monolite::kernels

BENCHMARK_MAIN();
