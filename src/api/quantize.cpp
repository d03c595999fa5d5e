#include "monolite/quantize.h"

#include <algorithm>
#include <filesystem>

#include "api/post_training.h"
#include "api/receipt.h"
#include "api/run_both.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "delegates/check.h"
#include "editing/border.h"
#include "passes/minimal_version.h"
#include "passes/remove_dead.h"
#include "quantize/float_constants.h"
#include "quantize/quantize_weights.h"
#include "quantize/to_int8.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite {
namespace {

using quantize::WideWeights;

int64_t macs_of(const Model& model) {
  const delegates::GraphContext context(model);
  int64_t sum = 0;
  for (size_t i = 0; i < model.main().nodes.size(); ++i) sum += context.macs(static_cast<int>(i));
  return sum;
}

bool has_uint8(const Graph& graph) {
  return std::any_of(graph.tensors.begin(), graph.tensors.end(),
                     [](const Tensor& t) { return t.dtype == DType::uint8 && t.quantization.is_quantized(); });
}

Expected<void> check(const QuantizeOptions& o) {
  static constexpr const char* kTypes[] = {"int8", "uint8", "int16x8", "float16", "dynamic"};
  if (std::find(std::begin(kTypes), std::end(kTypes), o.to) == std::end(kTypes)) {
    return Unexpected(usage_error("--to", printable(o.to), "int8, uint8, int16x8, float16 or dynamic"));
  }
  if (!o.io.empty() && o.io != "int8" && o.io != "uint8" && o.io != "float32") {
    return Unexpected(usage_error("--io", printable(o.io), "int8, uint8 or float32"));
  }
  if (o.wide_weights != "exact" && o.wide_weights != "requantize") {
    return Unexpected(usage_error("--wide_weights", printable(o.wide_weights), "exact or requantize"));
  }
  return {};
}

bool is_full_integer(const std::string& type) { return type == "int8" || type == "uint8" || type == "int16x8"; }

// The type of the ends where none was asked for.
std::string io_of(const QuantizeOptions& o) {
  if (!o.io.empty()) return o.io;
  return o.to == "int8" || o.to == "uint8" ? o.to : "float32";
}

bool has_integers(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) {
    return std::any_of(n.outputs.begin(), n.outputs.end(), [&](TensorId id) {
      return id != kNoTensor && graph.tensor(id).quantization.is_quantized() &&
             graph.tensor(id).dtype != DType::float32;
    });
  });
}

Error quantized_already(const QuantizeOptions& o) {
  return input_error(o.model, "a model whose activations are integers already",
                     o.to == "int8" ? "a float or a uint8 model" : "a float model",
                     o.to == "int8" ? "`monolite edit --io` changes its inputs and outputs"
                                    : "start from the float model, or from the graph with `monolite convert`");
}

Expected<void> check_float(const QuantizeOptions& o) {
  if (is_full_integer(o.to) && o.calibration.folder.empty()) {
    return Unexpected(usage_error("quantize", "a float model, and nothing to calibrate with", "--calibration DIR",
                                  "DIR holds some 50 to 100 pictures of the kind that the model will see; without any: "
                                  "--to dynamic or --to float16"));
  }
  if (!is_full_integer(o.to) && io_of(o) != "float32") {
    return Unexpected(usage_error("--io", o.io, "float32 with --to " + o.to,
                                  "activations stay float32 there; --to int8, uint8 or int16x8 makes them integers"));
  }
  return {};
}

void describe(const quantize::ToInt8& made, QuantizeReport& report) {
  report.activations = made.activations;
  report.filters = made.filters;
  report.matched_multipliers = made.multipliers.matched;
  report.unmatched_multipliers = made.multipliers.unmatched;
  report.largest_scale_change = made.multipliers.largest_scale_change;
  for (const quantize::WideFilter& f : made.wide_filters) {
    report.layers.push_back({printable(f.op), printable(f.name), f.weights, f.wide, f.repeated_inputs,
                             f.requantized_channels, f.largest_error});
  }
}

// What all ways have in common behind the change: receipt, comparison where one is asked for, file.
Expected<void> finish(const QuantizeOptions& options, const Model& before, Model& model,
                      const ReceiptStep::Change& change, bool is_compared, QuantizeReport& report) {
  ML_ASSIGN(const Buffer source, map_file(options.model));
  ReceiptStep step{.verb = "quantize", .command = options.command};
  step.source = std::filesystem::path(options.model).filename().string();
  step.source_sha256 = sha256(source.bytes());
  step.changes.push_back(change);
  add_receipt(model, step);
  ML_ASSIGN(const std::vector<std::byte> bytes, tflite::write(model));
  report.bytes_before = static_cast<int64_t>(source.size_bytes());
  report.bytes_after = static_cast<int64_t>(bytes.size());
  report.macs_before = macs_of(before);
  report.macs_after = macs_of(model);
  if (is_compared) {
    ML_ASSIGN(const Model after, tflite::read(Buffer::copy_of(bytes), options.output));
    ML_ASSIGN(report.verified, run_both(before, after, options.inputs, report.macs_before + report.macs_after));
  }
  if (options.output.empty()) return {};
  return write_file(options.output, std::span<const std::byte>(bytes));
}

// float16 constants, or int8 filters: what is computed stays float32.
Expected<Model> smaller_constants(const QuantizeOptions& options, const Model& before, PostTrainingReport& report) {
  Model model = before;
  quantize::float_constants(model);
  report.filters =
      options.to == "float16" ? quantize::halve_constants(model.main()) : quantize::quantize_filters(model.main());
  if (report.filters == 0) {
    return Unexpected(input_error(
        options.model, options.to == "float16" ? "no float32 constants" : "no filter of 1,024 weights or more",
        "something that could be stored smaller"));
  }
  for (Node& node : model.main().nodes) passes::set_minimal_version(model.main(), node);
  passes::remove_dead_nodes(model);
  passes::remove_unused_tensors(model);
  return model;
}

Expected<QuantizeReport> quantize_float(const QuantizeOptions& options, const Model& before) {
  ML_TRY(check_float(options));
  QuantizeReport report;
  report.file = options.model;
  report.output = options.output;
  PostTrainingReport& made = report.post_training.emplace();
  made.type = options.to;
  Model model;
  if (is_full_integer(options.to)) {
    ML_ASSIGN(const quantize::IntegerType type, integer_type(options.to));
    const DType io = *dtype_from_name(io_of(options));
    ML_ASSIGN(model, to_integers(before, {type, io, io}, options.calibration, made));
  } else {
    ML_ASSIGN(model, smaller_constants(options, before, made));
    ML_TRY(measure_outputs(before, model, options.calibration, made));
  }
  ML_TRY(finish(options, before, model, {"float_to_" + options.to, "approximate", "", "", ""}, !options.inputs.empty(),
                report));
  return report;
}

Expected<QuantizeReport> quantize_uint8(const QuantizeOptions& options, const Model& before) {
  Model model = before;
  const auto wide = options.wide_weights == "exact" ? WideWeights::repeat_inputs : WideWeights::requantize;
  const std::string io = io_of(options);
  ML_ASSIGN(const quantize::ToInt8 made,
            quantize::to_int8(model, {.keep_io = io == "uint8",
                                      .wide_weights = wide,
                                      .match_multipliers = options.wide_weights == "exact"}));
  if (io == "float32") ML_TRY(editing::set_border_type(model, DType::float32));
  QuantizeReport report;
  report.file = options.model;
  report.output = options.output;
  describe(made, report);
  if (io == "int8") {
    report.interface_change = "uint8 inputs and outputs are int8: subtract 128 from inputs, add 128 to outputs";
  } else if (io == "float32") {
    report.interface_change = "uint8 inputs and outputs are float32: the reals that the integers stood for";
  }
  const bool is_exact = std::all_of(report.layers.begin(), report.layers.end(),
                                    [](const QuantizeReport::Layer& l) { return l.requantized_channels == 0; });
  ML_TRY(finish(options, before, model, {"uint8_to_int8", is_exact ? "the same reals" : "approximate", "", "", ""},
                true, report));
  return report;
}

Expected<QuantizeReport> quantize_either(const QuantizeOptions& options) {
  ML_ASSIGN(const Model before, tflite::read_file(options.model));
  if (options.to == "int8" && has_uint8(before.main())) return quantize_uint8(options, before);
  if (has_integers(before.main())) return Unexpected(quantized_already(options));
  return quantize_float(options, before);
}

bool has_labelled_data(const EvalSegmentationOptions& o) {
  return !o.dataset.empty() || !o.dataset_dir.empty() || !o.images.empty() || !o.masks.empty();
}

Expected<QuantizeReport::Accuracy> accuracy_of(const std::string& model, const QuantizeOptions& options,
                                               const std::string& what) {
  EvalSegmentationOptions o = options.labelled;
  o.model = model;
  if (options.calibration.progress) {
    o.progress = [&](int64_t done, int64_t of) {
      options.calibration.progress(what, static_cast<int>(done), static_cast<int>(of));
    };
  }
  ML_ASSIGN(const EvalSegmentationReport r, eval_segmentation(o));
  return QuantizeReport::Accuracy{r.data, r.samples, r.miou, r.pixel_accuracy, r.mean_accuracy};
}

}  // namespace

Expected<QuantizeReport> quantize_file(const QuantizeOptions& options) {
  ML_TRY(check(options));
  if (!has_labelled_data(options.labelled)) return quantize_either(options);
  if (options.output.empty()) {
    return Unexpected(usage_error("quantize", "labelled data and no output", "a file whose accuracy can be measured"));
  }
  // What is wrong with the data is said before the long work.
  ML_ASSIGN(const auto before, accuracy_of(options.model, options, "accuracy before"));
  ML_ASSIGN(QuantizeReport report, quantize_either(options));
  report.accuracy_before = before;
  ML_ASSIGN(report.accuracy_after, accuracy_of(options.output, options, "accuracy after"));
  return report;
}

}  // namespace monolite
