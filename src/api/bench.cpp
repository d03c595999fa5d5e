#include "monolite/bench.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <random>
#include <thread>

#include "api/model_inputs.h"
#include "api/simulated_delegate.h"
#include "api/table_rows.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "runtime/session.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

using runtime::Session;
using runtime::TensorRef;

// For each of the graph's inputs what was said of it, or nullptr.
Expected<std::vector<const BenchOptions::Input*>> match_inputs(const Graph& graph, const BenchOptions& options) {
  std::vector<const BenchOptions::Input*> matched(graph.inputs.size(), nullptr);
  std::vector<std::string> names;
  for (const TensorId id : graph.inputs) names.push_back(graph.tensor(id).name);
  for (const auto& given : options.inputs) {
    auto slot = std::find(names.begin(), names.end(), given.name) - names.begin();
    if (given.name.empty()) slot = std::find(matched.begin(), matched.end(), nullptr) - matched.begin();
    if (slot >= static_cast<std::ptrdiff_t>(matched.size())) {
      const std::string near = nearest(given.name, names);
      return Unexpected(usage_error(options.model, "no input \"" + printable(given.name) + "\"",
                                    fmt::format("one of {}", fmt::join(names, ", ")),
                                    near.empty() ? "" : "did you mean \"" + near + "\"?"));
    }
    matched[static_cast<size_t>(slot)] = &given;
  }
  return matched;
}

// Uniform random values from benchmark_model's ranges: floats in [-0.5, 0.5), 8-bit integers over the type less one
// end, other integers in [0, 99]; of these none behind the last row of a table that they are looked up in, where
// benchmark_model's own run ends in an error.
void fill_random(const TensorRef& input, int64_t table_rows, const std::vector<double>& range, std::mt19937& random) {
  const double most_index = static_cast<double>(std::clamp<int64_t>(table_rows - 1, 0, 99));
  const auto fill = [&](auto example, double low, double high) {
    using T = decltype(example);
    if (range.size() == 2) low = range[0], high = range[1];
    std::uniform_real_distribution<double> real(low, std::is_integral_v<T> ? high + 1 : high);
    auto* to = reinterpret_cast<T*>(input.bytes.data());
    for (size_t i = 0; i < input.bytes.size() / sizeof(T); ++i) {
      const double value = real(random);
      to[i] = static_cast<T>(std::is_integral_v<T> ? std::floor(std::min(value, high)) : value);
    }
  };
  switch (input.dtype) {
    case DType::float32:
      return fill(float{}, -0.5, 0.5);
    case DType::uint8:
      return fill(uint8_t{}, 0, 254);
    case DType::int8:
      return fill(int8_t{}, -127, 127);
    case DType::int16:
      return fill(int16_t{}, 0, most_index);
    case DType::int32:
      return fill(int32_t{}, 0, most_index);
    case DType::int64:
      return fill(int64_t{}, 0, most_index);
    case DType::boolean:
      return fill(uint8_t{}, 0, 1);
    default:
      std::fill(input.bytes.begin(), input.bytes.end(), std::byte{0});
  }
}

Expected<void> fill_from_file(const TensorRef& input, const std::string& path) {
  ML_ASSIGN(const Buffer bytes, map_file(path));
  if (bytes.size_bytes() != input.bytes.size()) {
    return Unexpected(input_error(
        path, fmt::format("{} bytes", bytes.size_bytes()),
        fmt::format("{} raw bytes: {} of shape {}", input.bytes.size(), name(input.dtype), to_string(input.shape)),
        "`monolite run MODEL IMAGE --dump-inputs DIR` makes such files"));
  }
  std::memcpy(input.bytes.data(), bytes.data(), bytes.size_bytes());
  return {};
}

Expected<void> fill_inputs(Session& session, const Graph& graph, const std::vector<const BenchOptions::Input*>& given) {
  std::mt19937 random(1);
  for (size_t i = 0; i < session.input_count(); ++i) {
    const TensorRef input = session.input(i);
    if (given[i] != nullptr && !given[i]->file.empty()) {
      ML_TRY(fill_from_file(input, given[i]->file));
    } else {
      fill_random(input, table_rows(graph, graph.inputs[i]),
                  given[i] == nullptr ? std::vector<double>{} : given[i]->value_range, random);
    }
  }
  return {};
}

double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0;
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Timing timing(const std::vector<double>& runs) {
  Timing t;
  if (runs.empty()) return t;
  std::vector<double> sorted = runs;
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(runs.size());
  t.runs = static_cast<int>(runs.size());
  t.first = runs.front(), t.last = runs.back(), t.min = sorted.front(), t.max = sorted.back();
  t.avg = std::accumulate(runs.begin(), runs.end(), 0.0) / n;
  double squares = 0;
  for (const double r : runs) squares += (r - t.avg) * (r - t.avg);
  t.std = std::sqrt(squares / n);
  t.median = quantile(sorted, 0.5), t.p90 = quantile(sorted, 0.9), t.p99 = quantile(sorted, 0.99);
  return t;
}

Expected<Timing> run_stage(Session& session, int runs, double min_secs, double max_secs, double delay_secs) {
  std::vector<double> times;
  double total = 0;
  while ((static_cast<int>(times.size()) < runs || total < min_secs * 1e3) && total <= max_secs * 1e3) {
    if (delay_secs > 0) std::this_thread::sleep_for(std::chrono::duration<double>(delay_secs));
    const auto start = Clock::now();
    ML_TRY(session.invoke());
    times.push_back(ms_since(start));
    total += times.back();
  }
  return timing(times);
}

std::vector<OpTiming> op_timings(const Session& session, const Graph& graph, int runs) {
  std::vector<OpTiming> ops;
  for (const auto& step : session.profile()) {
    OpTiming t;
    t.nodes.assign(step.nodes.begin(), step.nodes.end());
    for (const size_t n : step.nodes) t.op += (t.op.empty() ? "" : "+") + printable(op_name(graph.nodes[n]));
    const auto& last = graph.nodes[step.nodes.back()];
    t.index = t.nodes.front();
    t.name = last.outputs.empty() ? "" : printable(graph.tensor(last.outputs[0]).name);
    t.kernel = step.kernel;
    t.first_ms = static_cast<double>(step.first_ns) / 1e6;
    t.avg_ms = runs == 0 ? 0 : static_cast<double>(step.total_ns) / 1e6 / runs;
    t.times_called = runs == 0 ? 0 : step.times_called / runs;
    ops.push_back(std::move(t));
  }
  return ops;
}

void add_shares(std::vector<OpTiming>& ops) {
  double total = 0, sum = 0;
  for (OpTiming& t : ops) {
    t.start_ms = total;
    total += t.avg_ms;
  }
  for (OpTiming& t : ops) {
    t.percent = total > 0 ? 100 * t.avg_ms / total : 0;
    t.cdf = sum += t.percent;
  }
}

Expected<void> write_outputs(Session& session, const std::string& path) {
  std::vector<std::byte> all;
  for (size_t i = 0; i < session.output_count(); ++i) {
    const auto bytes = session.output(i).bytes;
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return write_file(path, all);
}

// The most memory that the process had at one time.
int64_t peak_memory_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

void add_remarks(BenchReport& r, const BenchOptions& options) {
  const Timing& t = r.inference;
  if (t.runs >= 5 && t.p90 - t.min > 0.25 * t.median) {
    r.remarks.push_back(
        fmt::format("the machine was busy: 90 % of the runs took up to {:.2f} ms, the fastest {:.2f} ms; "
                    "repeat this when nothing else runs, and compare the minima until then",
                    t.p90, t.min));
  }
  if (t.runs > 0 && t.runs < options.num_runs) {
    r.remarks.push_back(fmt::format("only {} runs fitted into --max_secs", t.runs));
  }
}

runtime::SessionOptions session_options_of(const BenchOptions& options, const Graph& graph,
                                           const std::vector<const BenchOptions::Input*>& given) {
  runtime::SessionOptions made;
  made.num_threads = std::max(0, options.num_threads);
  made.profile = options.profile_ops;
  made.fast = options.backend == "fast";
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i] != nullptr && !given[i]->shape.empty()) made.input_shapes[graph.inputs[i]] = Shape(given[i]->shape);
  }
  return made;
}

void add_ops(BenchReport& r, const Session& session, const Graph& graph,
             const std::optional<SimulatedDelegate>& simulated) {
  r.ops = op_timings(session, graph, r.inference.runs);
  if (simulated) {
    r.ops = rows_of(*simulated, graph, r.ops);
    r.segments = segments_of(*simulated, r.ops);
  }
  add_shares(r.ops);
}

}  // namespace

Expected<BenchReport> bench(const BenchOptions& options) {
  if (options.backend != "fast" && options.backend != "reference") {
    return Unexpected(usage_error("--backend", options.backend, "fast or reference"));
  }
  const auto on_stage = [&](const char* stage, double ms) {
    if (options.on_stage) options.on_stage(stage, ms);
  };
  const auto start = Clock::now();
  ML_ASSIGN(const Model model, tflite::read_file(options.model));
  const Graph& graph = model.main();
  on_stage("loaded", ms_since(start));
  ML_ASSIGN(const auto given, match_inputs(graph, options));
  runtime::SessionOptions session_options = session_options_of(options, graph, given);
  std::optional<SimulatedDelegate> simulated;
  if (!options.simulate_delegate.empty()) {
    ML_ASSIGN(simulated, simulate_delegate(model, session_options.input_shapes, options.simulate_delegate,
                                           options.most_partitions));
    session_options.pieces = simulated->pieces;
    session_options.profile = true;
  }
  Buffer file;
  if (!options.weight_cache_file.empty()) {
    ML_ASSIGN(file, map_file(options.model));
    session_options.weight_cache_file = options.weight_cache_file;
    session_options.model_bytes = file.bytes();
  }
  const auto sizes = session_options.input_shapes;
  const auto created = Session::create(model, std::move(session_options));
  if (!created) return Unexpected(at_open_size(model, sizes, created.error()));
  const auto& session = *created;
  BenchReport r;
  r.model = options.model;
  r.backend = options.backend;
  r.num_threads = session->num_threads();
  r.init_ms = ms_since(start);
  r.plan = session->plan();
  if (simulated) r.simulated = simulated->target;
  r.arena_bytes = session->arena_bytes();
  std::error_code ignored;
  r.file_bytes = static_cast<int64_t>(std::filesystem::file_size(options.model, ignored));
  on_stage("initialized", r.init_ms);
  ML_TRY(fill_inputs(*session, graph, given));
  on_stage("warmup", 0);
  ML_ASSIGN(r.warmup, run_stage(*session, options.warmup_runs, options.warmup_min_secs, options.max_secs,
                                options.run_delay_secs));
  session->reset_profile();
  on_stage("regular", 0);
  ML_ASSIGN(r.inference,
            run_stage(*session, options.num_runs, options.min_secs, options.max_secs, options.run_delay_secs));
  if (options.profile_ops || simulated) add_ops(r, *session, graph, simulated);
  if (!options.profile_ops) r.ops.clear();
  r.peak_memory_bytes = peak_memory_bytes();
  if (!options.outputs_file.empty() && r.inference.runs > 0) ML_TRY(write_outputs(*session, options.outputs_file));
  add_remarks(r, options);
  return r;
}

}  // namespace monolite
