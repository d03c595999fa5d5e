#include "monolite/bench.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "base/file.h"
#include "base/text.h"
#include "delegate_flags.h"
#include "json.h"
#include "op_profile.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

// benchmark_model's flags that mean nothing to an engine on the CPU, and what to say where one is used.
struct Foreign {
  const char *name, *answer;
};
constexpr const char* kNoDelegate = "no delegate runs here; --simulate_delegate shows what one would take";
constexpr const char* kOwnEngine = "it belongs to another engine; monolite's own always runs";
constexpr const char* kNothing = "nothing to do here";
constexpr Foreign kForeign[] = {
    {"external_delegate_options", kNoDelegate},
    {"stable_delegate_settings_file", kNoDelegate},
    {"require_full_delegation", kNoDelegate},
    {"min_nodes_per_partition", kNoDelegate},
    {"first_delegate_node_index", kNoDelegate},
    {"last_delegate_node_index", kNoDelegate},
    {"delegate_serialize_dir", kNoDelegate},
    {"delegate_serialize_token", kNoDelegate},
    {"disable_delegate_clustering", kNoDelegate},
    {"allow_fp16", kNoDelegate},
    {"enable_builtin_cast_constant_cache", kNothing},
    {"gpu_invoke_loop_times", kNoDelegate},
    {"use_xnnpack", kOwnEngine},
    {"xnnpack_force_fp16", kOwnEngine},
    {"xnnpack_runtime_flags", kOwnEngine},
    {"use_ynnpack", kOwnEngine},
    {"ynnpack_static_shape", kOwnEngine},
    {"ynnpack_fast_math", kOwnEngine},
    {"ynnpack_consistent_arithmetic", kOwnEngine},
    {"ynnpack_no_excess_precision", kOwnEngine},
    {"nnapi_execution_preference", kNoDelegate},
    {"nnapi_execution_priority", kNoDelegate},
    {"nnapi_allow_fp16", kNoDelegate},
    {"nnapi_allow_dynamic_dimensions", kNoDelegate},
    {"nnapi_use_burst_mode", kNoDelegate},
    {"nnapi_support_library_path", kNoDelegate},
    {"gpu_precision_loss_allowed", kNoDelegate},
    {"gpu_experimental_enable_quant", kNoDelegate},
    {"gpu_inference_for_sustained_speed", kNoDelegate},
    {"gpu_backend", kNoDelegate},
    {"gpu_wait_type", kNoDelegate},
    {"hexagon_lib_path", kNoDelegate},
    {"hexagon_profiling", kNoDelegate},
    {"coreml_version", kNoDelegate},
    {"use_caching", kNothing},
    {"release_dynamic_tensors", kNothing},
    {"optimize_memory_for_large_tensors", kNothing},
    {"max_profiling_buffer_entries", "the profile has no such limit here"},
    {"allow_dynamic_profiling_buffer_increase", "the profile has no such limit here"},
    {"memory_footprint_check_interval_ms", "the peak is counted by the system, not by looking now and then"},
    {"export_model_runtime_info", "use --json or --print-plan"},
    {"model_runtime_info_output_file", "use --json or --print-plan"},
    {"output_proto_filepath", "use --output_filepath, or `monolite run --dump-outputs`"},
    {"result_file_path", "use --json"},
    {"print_preinvoke_state", "use --print-plan or `monolite inspect`"},
    {"print_postinvoke_state", "use --print-plan or `monolite inspect`"},
    {"tensor_name_display_length", kNothing},
    {"tensor_type_display_length", kNothing},
    {"alloc_type_display_length", kNothing},
    {"perf_options_list", kNothing},
    {"option_benchmark_run_delay", kNothing},
    {"random_shuffle_benchmark_runs", kNothing},
    {"signature_to_run_for", "the first subgraph is run"},
    {"list_signatures", "`monolite inspect` lists them"},
};

// The words of benchmark_model that are not monolite's options as they stand.
struct Words {
  std::string input_layer, input_layer_shape, input_layer_value_range, input_layer_value_files;
  std::string profile_mode = "stdout", profile_file, csv_file, benchmark_name, output_prefix;
  DelegateFlags delegates;
  double run_frequency = -1;
  bool dry_run = false, report_peak_memory = false, print_plan = false;
};

Expected<std::vector<double>> numbers(const std::string& flag, const std::string& text, char separator) {
  std::vector<double> values;
  for (const std::string& part : split(text, separator)) {
    double v = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), v);
    if (error != std::errc() || end != part.data() + part.size()) {
      return Unexpected(usage_error("--" + flag, "\"" + printable(part) + "\"", "numbers with commas between them"));
    }
    values.push_back(v);
  }
  return values;
}

BenchOptions::Input& input_named(BenchOptions& o, const std::string& name) {
  for (auto& input : o.inputs) {
    if (input.name == name) return input;
  }
  o.inputs.push_back({.name = name});
  return o.inputs.back();
}

// Splits "a:x,b:y" at commas, and each part at its last colon that no backslash (and no second colon) escapes.
std::vector<std::pair<std::string, std::string>> named_files(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const std::string& part : split(text, ',')) {
    std::string name;
    size_t i = 0;
    for (; i < part.size(); ++i) {
      const bool doubled = part[i] == ':' && i + 1 < part.size() && part[i + 1] == ':';
      if ((part[i] == '\\' && i + 1 < part.size() && part[i + 1] == ':') || doubled) {
        name += part[++i];
      } else if (part[i] == ':') {
        break;
      } else {
        name += part[i];
      }
    }
    entries.emplace_back(name, i < part.size() ? part.substr(i + 1) : "");
  }
  return entries;
}

Expected<void> read_shapes(const Words& w, BenchOptions& o) {
  const auto names = split(w.input_layer, ',');
  const auto shapes = split(w.input_layer_shape, ':');
  if (!names.empty() && !shapes.empty() && names.size() != shapes.size()) {
    return Unexpected(usage_error("--input_layer_shape", fmt::format("{} shapes", shapes.size()),
                                  fmt::format("{}: one for each name of --input_layer", names.size())));
  }
  for (size_t i = 0; i < shapes.size(); ++i) {
    ML_ASSIGN(const auto dims, numbers("input_layer_shape", shapes[i], ','));
    BenchOptions::Input input{.name = i < names.size() ? names[i] : ""};
    for (const double d : dims) {
      if (d < 0 || d > 1e9 || d != static_cast<int32_t>(d)) {
        return Unexpected(usage_error("--input_layer_shape", shapes[i], "whole extents, such as 1,513,513,3"));
      }
      input.shape.push_back(static_cast<int32_t>(d));
    }
    o.inputs.push_back(std::move(input));
  }
  return {};
}

Expected<void> read_words(const Words& w, BenchOptions& o) {
  ML_TRY(read_shapes(w, o));
  for (const auto& part : split(w.input_layer_value_range, ':')) {
    const size_t comma = part.find(',');
    ML_ASSIGN(const auto range,
              numbers("input_layer_value_range", comma == std::string::npos ? "" : part.substr(comma + 1), ','));
    if (range.size() != 2 || range[0] > range[1]) {
      return Unexpected(usage_error("--input_layer_value_range", printable(part), "NAME,LOW,HIGH"));
    }
    input_named(o, part.substr(0, comma)).value_range = range;
  }
  for (const auto& [name, file] : named_files(w.input_layer_value_files)) {
    if (file.empty()) return Unexpected(usage_error("--input_layer_value_files", printable(name), "NAME:FILE"));
    input_named(o, name).file = file;
  }
  ML_ASSIGN(o.simulate_delegate, simulated_target(w.delegates));
  if (w.run_frequency > 0) o.run_delay_secs = 1 / w.run_frequency;
  if (w.dry_run) o.num_runs = o.warmup_runs = 0, o.min_secs = o.warmup_min_secs = 0;
  return {};
}

void print_stage(const std::string& stage, double ms, const BenchOptions& o) {
  if (stage == "loaded") fmt::print("Loaded model {}\n", o.model);
  if (stage == "initialized") fmt::print("Initialized session in {:.3f}ms.\n", ms);
  const bool warmup = stage == "warmup";
  if (warmup || stage == "regular") {
    fmt::print(
        "Running benchmark for at least {} iterations and at least {:g} seconds but terminate if exceeding {:g} "
        "seconds.\n",
        warmup ? o.warmup_runs : o.num_runs, warmup ? o.warmup_min_secs : o.min_secs, o.max_secs);
  }
  std::fflush(stdout);
}

void print_counts(const Timing& t) {
  fmt::print(
      "count={} first={:.0f} curr={:.0f} min={:.0f} max={:.0f} avg={:.6g} std={:.0f} median={:.0f} p90={:.0f} "
      "p99={:.0f}\n\n",
      t.runs, t.first * 1e3, t.last * 1e3, t.min * 1e3, t.max * 1e3, t.avg * 1e3, t.std * 1e3, t.median * 1e3,
      t.p90 * 1e3, t.p99 * 1e3);
}

void print_segments(const BenchReport& r) {
  size_t delegated = 0, nodes = 0, partitions = 0;
  double ms = 0;
  for (const BenchSegment& s : r.segments) {
    nodes += s.nodes.size();
    if (s.kind != "delegate") continue;
    delegated += s.nodes.size(), ++partitions, ms += s.avg_ms;
  }
  fmt::print("{} (simulated): {} of {} nodes in {} partition{}, {:.3f} of {:.3f} ms, all timed on the CPU\n",
             r.simulated, delegated, nodes, partitions, partitions == 1 ? "" : "s", ms, r.inference.avg);
}

void print_log(const BenchReport& r, const Words& w) {
  print_counts(r.warmup);
  print_counts(r.inference);
  fmt::print(
      "Inference timings in us: Init: {:.0f}, First inference: {:.0f}, Warmup (avg): {:.6g}, Inference (avg): {:.6g}\n",
      r.init_ms * 1e3, (r.warmup.runs > 0 ? r.warmup : r.inference).first * 1e3, r.warmup.avg * 1e3,
      r.inference.avg * 1e3);
  if (w.report_peak_memory)
    fmt::print("Overall peak memory footprint (MB): {:.3f}\n", static_cast<double>(r.peak_memory_bytes) / 1048576);
  fmt::print("{} backend, {} thread{}, activations {:.2f} MB\n", r.backend, r.num_threads,
             r.num_threads == 1 ? "" : "s", static_cast<double>(r.arena_bytes) / 1e6);
  if (!r.simulated.empty()) print_segments(r);
}

Json to_json(const BenchReport& r) {
  Json ops = Json::array();
  for (const OpTiming& t : r.ops) {
    ops.push_back({{"index", t.index},
                   {"op", t.op},
                   {"name", t.name},
                   {"nodes", t.nodes},
                   {"kernel", t.kernel},
                   {"first_ms", t.first_ms},
                   {"avg_ms", t.avg_ms},
                   {"percent", t.percent},
                   {"cdf", t.cdf},
                   {"times_called", t.times_called},
                   {"simulated", !r.simulated.empty()}});
  }
  Json segments = Json::array();
  for (const BenchSegment& s : r.segments) {
    segments.push_back({{"kind", s.kind}, {"nodes", s.nodes}, {"avg_ms", s.avg_ms}, {"simulated", true}});
  }
  const Timing& t = r.inference;
  return {{"model", r.model},
          {"backend", r.backend},
          {"num_threads", r.num_threads},
          {"warmup_runs", r.warmup.runs},
          {"num_runs", t.runs},
          {"init_ms", r.init_ms},
          {"first_inference_ms", (r.warmup.runs > 0 ? r.warmup : t).first},
          {"inference_ms",
           {{"min", t.min},
            {"median", t.median},
            {"avg", t.avg},
            {"max", t.max},
            {"std", t.std},
            {"p90", t.p90},
            {"p99", t.p99}}},
          {"peak_memory_bytes", r.peak_memory_bytes},
          {"arena_bytes", r.arena_bytes},
          {"ops", ops},
          {"simulated_delegate", r.simulated},
          {"segments", segments},
          {"remarks", r.remarks}};
}

void declare(Args& args, BenchOptions& o, Words& w) {
  args.flag("graph", o.model, "MODEL", "the .tflite (or give it without a flag)")
      .flag("backend", o.backend, "NAME", "fast (default) or reference")
      .flag("num_threads", o.num_threads, "N", "threads; default: the physical cores")
      .flag("weight_cache_file_path", o.weight_cache_file, "FILE",
            "keeps packed weights for the next start; made if absent")
      .flag("xnnpack_weight_cache_file_path", o.weight_cache_file, "FILE", "the same")
      .flag("num_runs", o.num_runs, "N", "at least so many runs (50)")
      .flag("min_secs", o.min_secs, "S", "and at least so long (1)")
      .flag("max_secs", o.max_secs, "S", "but no longer than this (150)")
      .flag("warmup_runs", o.warmup_runs, "N", "at least so many runs before (1)")
      .flag("warmup_min_secs", o.warmup_min_secs, "S", "and at least so long (0.5)")
      .flag("run_delay", o.run_delay_secs, "S", "a pause before each run")
      .flag("run_frequency", w.run_frequency, "HZ", "so many runs a second instead")
      .flag("dry_run", w.dry_run, "set up, run nothing")
      .flag("enable_op_profiling", o.profile_ops, "time each op")
      .flag("op_profiling_output_mode", w.profile_mode, "MODE", "stdout (default) or csv")
      .flag("op_profiling_output_file", w.profile_file, "FILE", "where the profile goes instead of stdout")
      .flag("profiling_output_csv_file", w.csv_file, "FILE", "the profile as CSV")
      .flag("print_plan", w.print_plan, "show what is computed together, by which kernel, and the memory")
      .flag("input_layer", w.input_layer, "NAMES", "input names, commas between them")
      .flag("input_layer_shape", w.input_layer_shape, "SHAPES", "other shapes: 1,257,257,3, colons between inputs")
      .flag("input_layer_value_range", w.input_layer_value_range, "RANGES",
            "NAME,LOW,HIGH of random values, colons between inputs")
      .flag("input_layer_value_files", w.input_layer_value_files, "FILES",
            "NAME:FILE of raw bytes, commas between inputs; \\: is a colon in a name")
      .flag("output_filepath", o.outputs_file, "FILE", "raw bytes of the outputs")
      .flag("report_peak_memory_footprint", w.report_peak_memory, "print the peak memory")
      .flag("benchmark_name", w.benchmark_name, "NAME", "a name for the log")
      .flag("output_prefix", w.output_prefix, "TEXT", "accepted");
  declare(args, w.delegates);
  args.flag("max_delegated_partitions", o.most_partitions, "N", "instead of the simulated delegate's own limit");
}

// Flags of delegates and other engines: accepted, and answered once.
void declare_foreign(Args& args) {
  for (const Foreign& f : kForeign) {
    args.foreign(f.name, f.answer);
  }
}

Expected<void> write_profile(const BenchReport& r, const Words& w) {
  const bool csv = w.profile_mode == "csv" || !w.csv_file.empty();
  const std::string file = w.csv_file.empty() ? w.profile_file : w.csv_file;
  const std::string text = csv ? op_profile_csv(r) : op_profile_text(r);
  if (!file.empty()) return write_file(file, text);
  fmt::print("{}", text);
  return {};
}

}  // namespace

int bench(Args& args) {
  BenchOptions o;
  Words w;
  std::string model;
  args.optional_positional("MODEL", model, "a .tflite");
  declare(args, o, w);
  declare_foreign(args);
  args.warn_of_unknown()
      .note("Takes benchmark_model's flags and prints its log. Inputs are random unless files are given.")
      .example("monolite bench --graph=deeplab.tflite --num_threads=2")
      .example("monolite bench --graph=deeplab.tflite --enable_op_profiling=true")
      .example("monolite bench --graph=deeplab.tflite --simulate_delegate=nnapi-29-cpu --enable_op_profiling=true")
      .example("monolite bench --graph=deeplab.tflite --input_layer_shape=4,513,513,3 --json");
  if (const auto code = args.parse()) return *code;
  if (o.model.empty()) o.model = model;
  if (o.model.empty())
    return args.fail(usage_error("monolite bench", "no model", "--graph=MODEL", "monolite bench --help"));
  if (auto read = read_words(w, o); !read) return args.fail(read.error());
  if (!args.json()) {
    fmt::print("STARTING!\n");
    if (!w.benchmark_name.empty()) fmt::print("Benchmark name: [{}]\n", w.benchmark_name);
    fmt::print("Graph: [{}]\n", o.model);
    o.on_stage = [&o](const std::string& stage, double ms) { print_stage(stage, ms, o); };
  }
  const auto report = monolite::bench(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_log(*report, w);
    if (w.print_plan) fmt::print("\n{}", report->plan);
  }
  if (o.profile_ops && (!args.json() || !w.profile_file.empty() || !w.csv_file.empty())) {
    if (auto written = write_profile(*report, w); !written) return args.fail(written.error());
  }
  if (is_unknown_library(w.delegates)) args.remark(fmt::format("remark: --external_delegate_path: {}", kNoDelegate));
  for (const std::string& remark : report->remarks) args.remark("remark: " + remark);
  return kYes;
}

}  // namespace monolite::cli
