#include "api/post_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "api/calibration_samples.h"
#include "api/model_inputs.h"
#include "api/same_boxes.h"
#include "base/text.h"
#include "delegates/check.h"
#include "passes/fill_shapes.h"
#include "passes/remove_dead.h"
#include "quantize/float_constants.h"
#include "quantize/layer_error.h"
#include "quantize/to_integer.h"

namespace monolite {
namespace {

constexpr int kTrials[] = {1, 2, 4, 8};
// MACs that int16 kernels, which are reference kernels, are run for at most to measure errors: some 30 seconds.
constexpr int64_t kMostReferenceMacs = 20'000'000'000;
// The same for fast kernels: some seconds.
constexpr int64_t kMostFastMacs = 600'000'000'000;
constexpr int64_t kUsualSamples = 8;  // that errors are measured on

// Fused nodes are called "first;second;third": the first stands for them.
std::string short_name(const std::string& name) { return printable(name.substr(0, name.find(';'))); }

std::string node_name(const Graph& graph, const Node& node) {
  return node.outputs.empty() || node.outputs[0] == kNoTensor ? "" : short_name(graph.tensor(node.outputs[0]).name);
}

Expected<std::optional<tasks::Normalization>> normalization_of(const CalibrationOptions& o) {
  if (o.mean_values.empty() && o.std_dev_values.empty()) return std::optional<tasks::Normalization>{};
  const auto is_fine = [](size_t count) { return count == 1 || count == 3; };
  if (!is_fine(o.mean_values.size()) || !is_fine(o.std_dev_values.size()) ||
      std::any_of(o.std_dev_values.begin(), o.std_dev_values.end(), [](double s) { return !(s > 0); })) {
    return Unexpected(usage_error("--mean_values and --std_dev_values",
                                  fmt::format("{} and {} numbers", o.mean_values.size(), o.std_dev_values.size()),
                                  "one number each, or one for each of three channels; deviations above 0"));
  }
  return tasks::Normalization{{o.mean_values.begin(), o.mean_values.end()},
                              {o.std_dev_values.begin(), o.std_dev_values.end()}};
}

// Both models on the samples, output by output.
Expected<std::vector<PostTrainingReport::Output>> compared(const Model& model, const Model& after,
                                                           const quantize::Samples& samples, const tasks::Task& task) {
  SameBoxes same;
  quantize::ErrorOptions options;
  if (task.kind == tasks::TaskKind::detection) {
    options.observer = [&](std::span<const ops::Value> want, std::span<const ops::Value> have) {
      same.add(want, have, task.detection);
    };
  }
  ML_ASSIGN(const auto errors, quantize::output_errors(model, after, samples, options));
  const bool has_classes = task.kind == tasks::TaskKind::segmentation || task.kind == tasks::TaskKind::classification;
  std::vector<PostTrainingReport::Output> outputs;
  for (const quantize::OutputError& e : errors) {
    PostTrainingReport::Output o;
    o.name = printable(model.main().tensor(model.main().outputs[e.output]).name);
    o.is_label = e.is_label;
    o.elements = e.elements;
    o.equal = e.equal;
    o.sqnr_db = e.error.sqnr_db();
    o.largest = e.error.largest;
    if (has_classes) o.positions = e.positions, o.same_class = e.same_class;
    if (task.kind == tasks::TaskKind::detection && e.output == task.detection.boxes) {
      o.boxes = same.boxes;
      o.boxes_found = same.found;
    }
    outputs.push_back(std::move(o));
  }
  return outputs;
}

class PostTraining {
 public:
  PostTraining(Model model, const IntegerModel& wanted, const CalibrationOptions& options, PostTrainingReport& report)
      : model_(std::move(model)), wanted_(wanted), type_(wanted.type), options_(options), report_(report) {}

  Expected<Model> run() {
    ML_TRY(prepare());
    if (auto done = calibrate(); !done) return Unexpected(at_open_size(model_, {}, std::move(done).error()));
    ML_ASSIGN(std::set<size_t> kept, kept_nodes());
    ML_ASSIGN(quantize::ToInteger made, convert(kept));
    if (has_report() || worst_kept_ > 0) ML_TRY(rank(made));
    if (worst_kept_ > 0) {
      add_worst(worst_kept_, kept);
      ML_ASSIGN(made, convert(kept));
      ML_TRY(rank(made));
    }
    describe(made);
    if (has_report()) {
      ML_ASSIGN(report_.outputs, errors_of(made.model));
      if (options_.keep_float.empty() && has_trials_) ML_TRY(try_worst());
    }
    Model after = std::move(made.model);
    passes::remove_dead_nodes(after);
    passes::remove_unused_tensors(after);
    return after;
  }

 private:
  Expected<void> prepare() {
    quantize::float_constants(model_);
    passes::remove_dead_nodes(model_);
    passes::fill_shapes(model_, 0, true);  // delegates go by what the file states
    ML_ASSIGN(const auto normalization, normalization_of(options_));
    ML_ASSIGN(set_, open_samples(model_, {options_.folder, options_.samples, normalization}));
    report_.calibrated_on = set_.said;
    const delegates::GraphContext context(model_);
    for (size_t i = 0; i < model_.main().nodes.size(); ++i) macs_.push_back(context.macs(static_cast<int>(i)));
    all_macs_ = std::accumulate(macs_.begin(), macs_.end(), int64_t{0});
    measured_ = some_of(set_.samples, few_samples());
    report_.measured_on = has_report() ? static_cast<int>(measured_.count) : 0;
    return {};
  }

  bool has_report() const { return options_.report_samples != 0; }

  size_t few_samples() {
    if (options_.report_samples > 0) return static_cast<size_t>(options_.report_samples);
    // Layers and outputs: the models run three times on each sample, and twice for each trial.
    const bool is_slow = type_ == quantize::IntegerType::int16x8;
    const int64_t most = is_slow ? kMostReferenceMacs : kMostFastMacs;
    const int64_t runs = 3 + 2 * static_cast<int64_t>(std::size(kTrials));
    const int64_t possible = std::clamp<int64_t>(most / (runs * std::max<int64_t>(all_macs_, 1)), 1, kUsualSamples);
    has_trials_ = !is_slow || possible == kUsualSamples;
    if (!has_trials_ && has_report() && options_.keep_float.empty()) {
      report_.remarks.push_back(
          "int16 runs on reference kernels here: no layers are tried in float; --report_samples "
          "tries them all the same");
    }
    return static_cast<size_t>(possible);
  }

  // 16 bits have steps enough for everything that was seen: what `mse` weighs is decided then.
  std::string method() {
    const bool is_wide = type_ == quantize::IntegerType::int16x8;
    if (options_.method.empty()) return is_wide ? "minmax" : "mse";
    if (!is_wide || options_.method != "mse") return options_.method;
    report_.remarks.push_back("mse weighs the steps of 8 bits; int16x8 takes minmax instead");
    return "minmax";
  }

  std::function<void(int, int)> progress(const std::string& what) const {
    if (!options_.progress) return {};
    return [this, what](int done, int of) { options_.progress(what, done, of); };
  }

  Expected<void> calibrate() {
    quantize::CalibrationOptions o;
    report_.method = method();
    ML_ASSIGN(o.method, quantize::method_from_name(report_.method));
    if (!(options_.percentile > 50 && options_.percentile <= 100)) {
      return Unexpected(usage_error("--percentile", fmt::format("{}", options_.percentile), "above 50, at most 100"));
    }
    o.percentile = options_.percentile;
    o.progress = progress("calibrating");
    ML_ASSIGN(quantize::Calibration made, quantize::calibrate(model_, set_.samples, o));
    ranges_ = std::move(made.ranges);
    report_.remarks.insert(report_.remarks.end(), made.remarks.begin(), made.remarks.end());
    // A picture's values are known whatever was seen: with them every pixel has an integer of its own.
    for (const auto& r : set_.picture_ranges)
      ranges_[static_cast<size_t>(model_.main().inputs[r.input])] = quantize::Range{r.min, r.max};
    return {};
  }

  Expected<std::set<size_t>> kept_nodes() {
    std::set<size_t> kept;
    const Graph& g = model_.main();
    for (const std::string& word : options_.keep_float) {
      const bool is_number = !word.empty() && word.size() < 7 &&
                             std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); });
      if (is_number) {
        worst_kept_ = std::max(worst_kept_, std::stoi(word));
        continue;
      }
      const size_t before = kept.size();
      std::vector<std::string> names;
      for (size_t i = 0; i < g.nodes.size(); ++i) {
        const Node& n = g.nodes[i];
        names.push_back(op_name(n));
        bool is_meant = op_name(n) == word;
        for (const TensorId id : n.outputs) {
          if (id == kNoTensor) continue;
          names.push_back(short_name(g.tensor(id).name));
          is_meant = is_meant || g.tensor(id).name == word || short_name(g.tensor(id).name) == word;
        }
        if (is_meant) kept.insert(i);
      }
      if (kept.size() == before) {
        const std::string near = printable(nearest(word, names));
        return Unexpected(usage_error(
            "--keep_float", "\"" + printable(word) + "\", which no node has",
            "the name of a node's output, an operator, or a number",
            near.empty() ? "the report of a run without it names the layers" : "did you mean \"" + near + "\"?"));
      }
    }
    return kept;
  }

  Expected<quantize::ToInteger> convert(const std::set<size_t>& kept) {
    return quantize::to_integer(
        model_, ranges_,
        {.type = type_, .input_type = wanted_.input, .output_type = wanted_.output, .keep_float = kept});
  }

  // Layers by their own error, the worst first.
  Expected<void> rank(const quantize::ToInteger& made) {
    ML_ASSIGN(worst_, quantize::layer_errors(model_, made, measured_, {.progress = progress("measuring layers")}));
    std::stable_sort(worst_.begin(), worst_.end(), [](const quantize::LayerError& a, const quantize::LayerError& b) {
      return a.own.sqnr_db() < b.own.sqnr_db();
    });
    return {};
  }

  void add_worst(int count, std::set<size_t>& kept) const {
    for (const quantize::LayerError& l : worst_) {
      if (count <= 0) break;
      if (kept.insert(l.node).second) --count;
    }
  }

  Expected<std::vector<PostTrainingReport::Output>> errors_of(const Model& after) {
    return compared(model_, after, measured_, set_.task);
  }

  Expected<void> try_worst() {
    int done = 0;
    for (const int count : kTrials) {
      if (static_cast<size_t>(count) >= worst_.size()) break;
      std::set<size_t> kept;
      add_worst(count, kept);
      int64_t macs = 0;
      for (const size_t node : kept) macs += macs_[node];
      ML_ASSIGN(const quantize::ToInteger made, convert(kept));
      ML_ASSIGN(auto outputs, errors_of(made.model));
      const double share = all_macs_ > 0 ? static_cast<double>(macs) / static_cast<double>(all_macs_) : 0;
      report_.trials.push_back({count, share, std::move(outputs)});
      if (options_.progress) options_.progress("leaving layers in float", ++done, static_cast<int>(std::size(kTrials)));
    }
    return {};
  }

  void describe(const quantize::ToInteger& made) {
    const Graph& g = model_.main();
    report_.integer_nodes = made.integer_nodes;
    report_.filters = made.filters;
    report_.conversions = made.conversions;
    for (const quantize::RealNode& r : made.real_nodes) {
      report_.float_nodes.push_back(
          {static_cast<int>(r.node), printable(op_name(g.nodes[r.node])), node_name(g, g.nodes[r.node]), r.why});
    }
    if (!has_report()) return;
    for (const quantize::LayerError& l : worst_) {
      report_.layers.push_back({static_cast<int>(l.node), printable(op_name(g.nodes[l.node])),
                                short_name(g.tensor(l.tensor).name), l.total.sqnr_db(), l.own.sqnr_db(), l.total.rms(),
                                l.total.largest});
    }
  }

  Model model_;
  const IntegerModel wanted_;
  const quantize::IntegerType type_;
  const CalibrationOptions& options_;
  PostTrainingReport& report_;
  SampleSet set_;
  quantize::Samples measured_;
  quantize::Ranges ranges_;
  std::vector<int64_t> macs_;  // of the nodes
  int64_t all_macs_ = 0;
  bool has_trials_ = true;
  int worst_kept_ = 0;
  std::vector<quantize::LayerError> worst_;
};

// Filters of another type than their input run on reference kernels.
size_t few_samples(const Model& before, const Model& after, const CalibrationOptions& options) {
  if (options.report_samples > 0) return static_cast<size_t>(options.report_samples);
  const bool is_hybrid = std::any_of(after.main().tensors.begin(), after.main().tensors.end(),
                                     [](const Tensor& t) { return t.dtype == DType::int8; });
  const delegates::GraphContext context(before);
  int64_t macs = 1;
  for (size_t i = 0; i < before.main().nodes.size(); ++i) macs += context.macs(static_cast<int>(i));
  return static_cast<size_t>(
      std::clamp<int64_t>((is_hybrid ? kMostReferenceMacs : kMostFastMacs) / macs, 1, kUsualSamples));
}

}  // namespace

Expected<quantize::IntegerType> integer_type(const std::string& name) {
  if (name == "int8") return quantize::IntegerType::int8;
  if (name == "uint8") return quantize::IntegerType::uint8;
  if (name == "int16x8") return quantize::IntegerType::int16x8;
  return Unexpected(usage_error("--to", printable(name), "int8, uint8, int16x8, float16 or dynamic"));
}

Expected<Model> to_integers(Model model, const IntegerModel& wanted, const CalibrationOptions& options,
                            PostTrainingReport& report) {
  return PostTraining(std::move(model), wanted, options, report).run();
}

Expected<void> measure_outputs(const Model& before, const Model& after, const CalibrationOptions& options,
                               PostTrainingReport& report) {
  if (options.folder.empty() || options.report_samples == 0) return {};
  ML_ASSIGN(const auto normalization, normalization_of(options));
  ML_ASSIGN(const SampleSet set, open_samples(before, {options.folder, options.samples, normalization}));
  const quantize::Samples measured = some_of(set.samples, few_samples(before, after, options));
  report.measured_on = static_cast<int>(measured.count);
  ML_ASSIGN(report.outputs, compared(before, after, measured, set.task));
  return {};
}

}  // namespace monolite
