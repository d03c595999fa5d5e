#include "monolite/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "json.h"
#include "post_training_flags.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

// What convert_to_tflite.py of DeepLab takes where its flags are not given.
constexpr const char* kDeepLabInput = "MobilenetV2/MobilenetV2/input:0";
constexpr const char* kDeepLabOutput = "ArgMax:0";
constexpr double kDeepLabMean = 127.5;

// "1,300,300,3:1,10" -> one list of extents an input.
Expected<void> parse_shapes(const std::string& text, std::vector<std::vector<int>>& to) {
  to.clear();
  for (const auto& part : split(text, ':')) {
    std::vector<double> values;
    ML_TRY(parse_numbers(part, values));
    to.emplace_back();
    for (const double v : values) {
      if (v != static_cast<int>(v)) return Unexpected(usage_error("", printable(part), "whole numbers: 1,513,513,3"));
      to.back().push_back(static_cast<int>(v));
    }
  }
  return {};
}

Expected<void> parse_names(const std::string& text, std::vector<std::string>& to) {
  to = split(text, ',');
  return {};
}

// tflite_convert takes TRUE and FALSE here.
Expected<void> parse_truth(std::string text, bool& to) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text != "true" && text != "false" && text != "1" && text != "0") {
    return Unexpected(usage_error("", printable(text), "TRUE or FALSE"));
  }
  to = text == "true" || text == "1";
  return {};
}

void declare(Args& args, ConvertOptions& o, std::string& graph, std::string& deeplab_graph) {
  args.optional_positional("GRAPH", graph, "a frozen graph (.pb, .pbtxt) or the folder of a SavedModel");
  declare_calibration(args, o.calibration);
  args.flag("graph_def_file", o.graph_def_file, "FILE", "the frozen graph, where no GRAPH is named")
      .flag("saved_model_dir", o.saved_model_dir, "DIR", "the SavedModel, where no GRAPH is named")
      .flag("saved_model_tag_set", o.saved_model_tag_set, "TAGS", "which of its graphs (default: serve)")
      .flag("saved_model_signature_key", o.saved_model_signature, "KEY", "which signature names inputs and outputs")
      .flag("output_file", o.output_file, "FILE", "the .tflite to write")
      .short_name("-o")
      .flag("input_arrays", "NAMES", "where the graph is cut at its beginning",
            [&o](const std::string& t) { return parse_names(t, o.input_arrays); })
      .flag("input_shapes", "SHAPES", "as 1,300,300,3, several with colons; else as the graph has them",
            [&o](const std::string& t) { return parse_shapes(t, o.input_shapes); })
      .flag("output_arrays", "NAMES", "where it is cut at its end",
            [&o](const std::string& t) { return parse_names(t, o.output_arrays); })
      .flag("inference_type", o.inference_type, "TYPE", "FLOAT, QUANTIZED_UINT8 or INT8")
      .flag("inference_input_type", o.inference_input_type, "TYPE", "of the inputs, where it differs")
      .flag("mean_values", "NUMBERS", "of quantized inputs: real = (value - mean) / deviation",
            [&o](const std::string& t) { return parse_numbers(t, o.mean_values); })
      .flag("std_dev_values", "NUMBERS", "see --mean_values",
            [&o](const std::string& t) { return parse_numbers(t, o.std_dev_values); })
      .flag("default_ranges_min", o.default_ranges_min, "NUMBER", "range of activations that have none")
      .flag("default_ranges_max", o.default_ranges_max, "NUMBER", "see --default_ranges_min")
      .flag("change_concat_input_ranges", "TRUE|FALSE", "give all inputs of a concatenation its range",
            [&o](const std::string& t) { return parse_truth(t, o.change_concat_input_ranges); })
      .flag("concat", o.concat, "toco|mlir", "mlir: requantize inputs of a concatenation that have another scale")
      .flag("allow_custom_ops", o.allow_custom_ops, "keep unknown operators as custom ones")
      .flag("post_training_quantize", o.post_training_quantize, "a float model with int8 filters")
      .flag("quantize_weights", o.post_training_quantize, "the older name of --post_training_quantize")
      .flag("quantize_to_float16", o.quantize_to_float16, "a float model with float16 constants")
      .flag("without_pass", "NAMES", "passes over the graph to leave out; --verbose names them all",
            [&o](const std::string& t) { return parse_names(t, o.without_passes); })
      .flag("output_format", o.output_format, "FORMAT", "TFLITE (default) or GRAPHVIZ_DOT")
      // convert_to_tflite.py
      .flag("quantized_graph_def_path", deeplab_graph, "FILE",
            "a DeepLab graph; means QUANTIZED_UINT8 unless --inference_type says else")
      .flag("output_tflite_path", o.output_file, "FILE", "as --output_file")
      .flag("input_tensor_name", "NAME", "as --input_arrays",
            [&o](const std::string& t) { return parse_names(t, o.input_arrays); })
      .flag("test_image_path", o.test_image_path, "FILE", "a picture: how many labels graph and model agree on")
      .flag("output_tensor_name", "NAME", "as --output_arrays",
            [&o](const std::string& t) { return parse_names(t, o.output_arrays); })
      .ignored({"enable_v1_converter", "experimental_new_converter", "experimental_new_quantizer",
                "drop_control_dependency", "reorder_across_fake_quant", "custom_opdefs", "target_ops",
                "experimental_select_user_tf_ops", "dump_graphviz_dir", "dump_graphviz_video", "conversion_summary_dir",
                "logtostderr", "alsologtostderr"})
      .example("monolite convert frozen_inference_graph.pb -o model.tflite")
      .example(
          "monolite convert --quantized_graph_def_path=frozen_inference_graph.pb --output_tflite_path=deeplab.tflite")
      .example(
          "monolite convert --graph_def_file=float.pb --output_file=int8.tflite --inference_type=INT8 "
          "--calibration=pictures/")
      .example(
          "monolite convert --graph_def_file=graph.pb --output_file=model.tflite --input_arrays=input "
          "--output_arrays=Softmax");
}

Json to_json(const std::vector<ConvertReport::Pass>& passes) {
  Json all = Json::array();
  for (const auto& p : passes) {
    all.push_back({{"name", p.name}, {"changed", p.changed}, {"ms", p.ms}, {"left_out", p.is_left_out}});
  }
  return all;
}

void print_passes(const std::vector<ConvertReport::Pass>& passes) {
  Table table({{"pass"}, {"changed", Table::Align::right}, {"ms", Table::Align::right}});
  for (const auto& p : passes) {
    table.add({p.name, p.is_left_out ? "left out" : std::to_string(p.changed), fmt::format("{:.2f}", p.ms)});
  }
  fmt::print("{}\n", table.text());
}

void take_deeplab_defaults(const Args& args, const std::string& graph, ConvertOptions& o) {
  o.graph_def_file = graph;
  if (!args.given("inference_type")) o.inference_type = "QUANTIZED_UINT8";
  if (o.input_arrays.empty()) {
    o.input_arrays = {kDeepLabInput};
    o.is_default_input = true;
  }
  if (o.output_arrays.empty()) o.output_arrays = {kDeepLabOutput};
  if (o.mean_values.empty()) o.mean_values = {kDeepLabMean};
  if (o.std_dev_values.empty()) o.std_dev_values = {kDeepLabMean};
}

// One graph, named in one way.
Expected<void> take_graph(const std::string& graph, const std::string& deeplab_graph, ConvertOptions& o) {
  if (graph.empty()) return {};
  if (!o.graph_def_file.empty() || !o.saved_model_dir.empty() || !deeplab_graph.empty()) {
    return Unexpected(usage_error("convert", "\"" + printable(graph) + "\" and a graph by a flag", "one of them"));
  }
  std::error_code ignored;
  (std::filesystem::is_directory(graph, ignored) ? o.saved_model_dir : o.graph_def_file) = graph;
  return {};
}

}  // namespace

int convert(Args& args) {
  ConvertOptions o;
  std::string graph, deeplab_graph;
  declare(args, o, graph, deeplab_graph);
  if (const auto code = args.parse()) return *code;
  if (const auto taken = take_graph(graph, deeplab_graph, o); !taken) return args.fail(taken.error());
  if (!deeplab_graph.empty()) take_deeplab_defaults(args, deeplab_graph, o);
  show_progress(args, o.calibration);
  const auto report = monolite::convert(o);
  end_progress(o.calibration);
  if (!report) return args.fail(report.error());
  for (const auto& remark : report->remarks) args.remark("note: " + remark);
  if (args.json()) {
    print_json({{"file", report->file},
                {"bytes", report->bytes},
                {"nodes", report->nodes},
                {"inputs", report->inputs},
                {"outputs", report->outputs},
                {"equal_share", report->equal_share ? Json(*report->equal_share) : Json()},
                {"remarks", report->remarks},
                {"passes", to_json(report->passes)},
                {"post_training", report->post_training ? to_json(*report->post_training) : Json()}});
    return kYes;
  }
  fmt::print("{}: {} nodes, {:.2f} MB\n", report->file, report->nodes, static_cast<double>(report->bytes) / 1e6);
  if (args.verbose()) print_passes(report->passes);
  for (const auto& t : report->inputs) fmt::print("input   {}\n", t);
  for (const auto& t : report->outputs) fmt::print("output  {}\n", t);
  if (report->post_training) print_post_training(*report->post_training, args.verbose());
  // convert_to_tflite.py's words.
  if (report->equal_share) fmt::print("{:.2f}% pixels have matched semantic labels.\n", 100 * *report->equal_share);
  return kYes;
}

}  // namespace monolite::cli
