#include "monolite/quantize.h"

#include <algorithm>
#include <filesystem>

#include "api/receipt.h"
#include "api/run_both.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "delegates/check.h"
#include "editing/border.h"
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
  if (o.to != "int8") {
    return Unexpected(usage_error("--to", printable(o.to), "int8",
                                  "a uint8 model becomes int8; other types, and float models, are not done yet: "
                                  "`monolite convert --inference_type=…` makes them from the graph"));
  }
  if (o.io != "int8" && o.io != "uint8" && o.io != "float32") {
    return Unexpected(usage_error("--io", printable(o.io), "int8, uint8 or float32"));
  }
  if (o.wide_weights != "exact" && o.wide_weights != "requantize") {
    return Unexpected(usage_error("--wide_weights", printable(o.wide_weights), "exact or requantize"));
  }
  return {};
}

Error no_uint8(const QuantizeOptions& o, const Graph& graph) {
  const bool is_int8 = std::any_of(graph.tensors.begin(), graph.tensors.end(), [](const Tensor& t) {
    return t.dtype == DType::int8 && t.quantization.is_quantized();
  });
  return input_error(o.model, is_int8 ? "an int8 model" : "a model without quantized tensors", "a uint8 model",
                     is_int8 ? "it is int8 inside already; `monolite edit --io` changes its inputs and outputs"
                             : "give the graph to `monolite convert` with its quantization ranges");
}

void describe(const quantize::ToInt8& made, QuantizeReport& report) {
  report.activations = made.activations;
  report.filters = made.filters;
  for (const quantize::WideFilter& f : made.wide_filters) {
    report.layers.push_back({printable(f.op), printable(f.name), f.weights, f.wide, f.repeated_inputs,
                             f.requantized_channels, f.largest_error});
  }
}

void add_receipt(const QuantizeOptions& options, const Buffer& source, const QuantizeReport& report, Model& model) {
  ReceiptStep step{.verb = "quantize", .command = options.command};
  step.source = std::filesystem::path(options.model).filename().string();
  step.source_sha256 = sha256(source.bytes());
  const bool is_exact = std::all_of(report.layers.begin(), report.layers.end(),
                                    [](const QuantizeReport::Layer& l) { return l.requantized_channels == 0; });
  step.changes.push_back({"uint8_to_int8", is_exact ? "the same reals" : "approximate", "", "", ""});
  add_receipt(model, step);
}

}  // namespace

Expected<QuantizeReport> quantize_file(const QuantizeOptions& options) {
  ML_TRY(check(options));
  ML_ASSIGN(const Buffer source, map_file(options.model));
  ML_ASSIGN(const Model before, tflite::read(source, options.model));
  if (!has_uint8(before.main())) return Unexpected(no_uint8(options, before.main()));
  Model model = before;
  const auto wide = options.wide_weights == "exact" ? WideWeights::repeat_inputs : WideWeights::requantize;
  ML_ASSIGN(const quantize::ToInt8 made,
            quantize::to_int8(model, {.keep_io = options.io == "uint8", .wide_weights = wide}));
  if (options.io == "float32") ML_TRY(editing::set_border_type(model, DType::float32));
  QuantizeReport report;
  report.file = options.model;
  report.output = options.output;
  describe(made, report);
  if (options.io == "int8") {
    report.interface_change = "uint8 inputs and outputs are int8: subtract 128 from inputs, add 128 to outputs";
  } else if (options.io == "float32") {
    report.interface_change = "uint8 inputs and outputs are float32: the reals that the integers stood for";
  }
  report.macs_before = macs_of(before);
  report.macs_after = macs_of(model);
  add_receipt(options, source, report, model);
  ML_ASSIGN(const std::vector<std::byte> bytes, tflite::write(model));
  ML_ASSIGN(const Model after, tflite::read(Buffer::copy_of(bytes), options.output));
  ML_ASSIGN(report.verified, run_both(before, after, options.inputs, report.macs_before + report.macs_after));
  if (!options.output.empty()) ML_TRY(write_file(options.output, std::span<const std::byte>(bytes)));
  return report;
}

}  // namespace monolite
