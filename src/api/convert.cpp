#include "monolite/convert.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/post_training.h"
#include "base/file.h"
#include "base/text.h"
#include "convert/convert.h"
#include "convert/freeze.h"
#include "convert/graphviz.h"
#include "nets/deeplab.h"
#include "tensorflow/graph_def.h"
#include "tensorflow/saved_model.h"
#include "test_image.h"
#include "tflite/metadata.h"
#include "tflite/writer.h"

namespace monolite {
namespace {

constexpr double kMostExtent = 1 << 20;

struct Source {
  tensorflow::Graph graph;
  std::string name;
  tensorflow::Signature signature;  // of a SavedModel
};

Expected<Source> read_source(const ConvertOptions& o) {
  if (o.graph_def_file.empty() == o.saved_model_dir.empty()) {
    return Unexpected(usage_error("convert", o.graph_def_file.empty() ? "no graph" : "a graph and a SavedModel",
                                  "one of both",
                                  "name a frozen graph with --graph_def_file or a folder with --saved_model_dir"));
  }
  Source source;
  if (!o.graph_def_file.empty()) {
    source.name = o.graph_def_file;
    ML_ASSIGN(source.graph, tensorflow::read_graph_def(o.graph_def_file));
    return source;
  }
  source.name = o.saved_model_dir;
  ML_ASSIGN(tensorflow::SavedModel model,
            tensorflow::read_saved_model(o.saved_model_dir, split(o.saved_model_tag_set, ',')));
  const auto signature = model.signatures.find(o.saved_model_signature);
  if (signature != model.signatures.end()) source.signature = signature->second;
  ML_ASSIGN(source.graph, conversion::freeze(std::move(model)));
  return source;
}

std::vector<std::string> names_of(const std::vector<tensorflow::SignatureTensor>& tensors) {
  std::vector<std::string> names;
  for (const auto& t : tensors) names.push_back(t.tensor);
  return names;
}

Expected<conversion::InferenceType> inference_type(const std::string& flag, const std::string& text) {
  if (text == "FLOAT") return conversion::InferenceType::float32;
  if (text == "QUANTIZED_UINT8" || text == "UINT8") return conversion::InferenceType::uint8;
  if (text == "INT8") return conversion::InferenceType::int8;
  return Unexpected(usage_error("--" + flag, printable(text), "FLOAT, QUANTIZED_UINT8 or INT8"));
}

Expected<std::vector<Shape>> input_shapes(const ConvertOptions& o) {
  std::vector<Shape> shapes;
  for (const auto& dims : o.input_shapes) {
    for (const int d : dims) {
      if (d < 1 || d > kMostExtent)
        return Unexpected(usage_error("--input_shapes", std::to_string(d), "extents of 1 or more"));
    }
    shapes.emplace_back(dims);
  }
  return shapes;
}

Expected<std::optional<std::pair<double, double>>> default_range(const ConvertOptions& o) {
  constexpr const char* kFlags = "--default_ranges_min and --default_ranges_max";
  if (o.default_ranges_min.has_value() != o.default_ranges_max.has_value())
    return Unexpected(usage_error(kFlags, "one of them", "both or none"));
  if (!o.default_ranges_min) return std::optional<std::pair<double, double>>{};
  const double min = *o.default_ranges_min, max = *o.default_ranges_max;
  if (!(min <= 0 && max >= 0 && min < max))
    return Unexpected(usage_error(kFlags, fmt::format("{} and {}", min, max), "a range that holds 0"));
  return std::optional(std::pair(min, max));
}

Expected<conversion::Request> request_of(const ConvertOptions& o, const Source& source) {
  conversion::Request r;
  r.inputs = o.input_arrays.empty() ? names_of(source.signature.inputs) : o.input_arrays;
  const auto& nodes = source.graph.nodes;
  const auto has = [&](const std::string& name) {
    return std::any_of(nodes.begin(), nodes.end(), [&](const auto& n) { return n.name == name; });
  };
  if (o.is_default_input && !has(nets::kMobileNetV2Input) && has(nets::kMobileNetEdgeTpuInput))
    r.inputs = {nets::kMobileNetEdgeTpuInput};
  r.outputs = o.output_arrays.empty() ? names_of(source.signature.outputs) : o.output_arrays;
  ML_ASSIGN(r.input_shapes, input_shapes(o));
  ML_ASSIGN(r.type, inference_type("inference_type", o.inference_type));
  if (!o.inference_input_type.empty()) {
    ML_ASSIGN(const conversion::InferenceType at_input, inference_type("inference_input_type", o.inference_input_type));
    if (at_input != r.type && at_input != conversion::InferenceType::float32) {
      return Unexpected(usage_error("--inference_input_type", printable(o.inference_input_type),
                                    "FLOAT, or the type of --inference_type"));
    }
    r.float_inputs = at_input != r.type;
  }
  ML_ASSIGN(r.default_range, default_range(o));
  r.means = o.mean_values;
  r.std_devs = o.std_dev_values;
  r.change_concat_input_ranges = o.change_concat_input_ranges;
  if (o.concat != "toco" && o.concat != "mlir") {
    return Unexpected(usage_error("--concat", printable(o.concat), "toco or mlir"));
  }
  r.requantize_concat_inputs = o.concat == "mlir";
  r.allow_custom_ops = o.allow_custom_ops;
  r.without_passes = o.without_passes;
  if ((o.post_training_quantize || o.quantize_to_float16) && r.type != conversion::InferenceType::float32) {
    return Unexpected(usage_error(o.quantize_to_float16 ? "--quantize_to_float16" : "--post_training_quantize",
                                  "an inference type other than FLOAT", "--inference_type=FLOAT"));
  }
  // tflite_convert reads --post_training_quantize --quantize_to_float16 as: to float16.
  r.float16_constants = o.quantize_to_float16;
  r.int8_filters = o.post_training_quantize && !o.quantize_to_float16;
  if (o.output_format != "TFLITE" && o.output_format != "GRAPHVIZ_DOT") {
    return Unexpected(usage_error("--output_format", printable(o.output_format), "TFLITE or GRAPHVIZ_DOT"));
  }
  return r;
}

// The type that a calibrated model gets; nothing where none is asked for.
Expected<std::optional<IntegerModel>> calibrated_type(const ConvertOptions& o, conversion::Request& request) {
  if (o.calibration.folder.empty()) return std::optional<IntegerModel>{};
  if (request.type == conversion::InferenceType::float32) {
    return Unexpected(usage_error("--calibration", "--inference_type=" + printable(o.inference_type),
                                  "--inference_type=INT8 or QUANTIZED_UINT8"));
  }
  const bool is_int8 = request.type == conversion::InferenceType::int8;
  IntegerModel wanted;
  wanted.type = is_int8 ? quantize::IntegerType::int8 : quantize::IntegerType::uint8;
  wanted.output = quantize::activation_type(wanted.type);
  wanted.input = request.float_inputs ? DType::float32 : wanted.output;
  request.type = conversion::InferenceType::float32;
  request.float_inputs = false;
  request.is_calibrated = true;
  return std::optional(wanted);
}

Expected<void> calibrate(const ConvertOptions& o, const IntegerModel& wanted, conversion::Converted& converted,
                         ConvertReport& report) {
  CalibrationOptions calibration = o.calibration;
  if (calibration.mean_values.empty()) calibration.mean_values = o.mean_values;
  if (calibration.std_dev_values.empty()) calibration.std_dev_values = o.std_dev_values;
  PostTrainingReport& made = report.post_training.emplace();
  made.type = name(quantize::activation_type(wanted.type));
  ML_ASSIGN(converted.model, to_integers(std::move(converted.model), wanted, calibration, made));
  converted.remarks.insert(converted.remarks.end(), made.remarks.begin(), made.remarks.end());
  return {};
}

Expected<std::vector<std::byte>> bytes_of(const Model& model, const std::string& format) {
  if (format == "TFLITE") return tflite::write(model);
  const std::string text = conversion::graphviz(model);
  const auto bytes = std::as_bytes(std::span(text));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

std::string describe(const Tensor& t) {
  return fmt::format("{}: {} {}", printable(t.name), name(t.dtype), to_string(t.shape));
}

// The names of the classes, which an export of our own training carries, become the model's labels.
Expected<void> name_classes(const tensorflow::Graph& graph, Model& model) {
  const auto& outputs = model.main().outputs;
  for (const tensorflow::Node& node : graph.nodes) {
    const auto* text = node.attr<std::string>(nets::kClassNamesAttribute);
    if (text == nullptr || outputs.size() != 1) continue;
    const Tensor& out = model.main().tensor(outputs[0]);
    const bool is_labels = out.dtype == DType::int32 || out.dtype == DType::int64;
    const auto classes = std::count(text->begin(), text->end(), '\n');
    if (!is_labels && (out.shape.rank() == 0 || out.shape[out.shape.rank() - 1] != classes)) return {};
    tflite::MetadataChange change;
    change.labels = *text;
    change.labels_are_of_values = is_labels;
    return tflite::set_metadata(model, change);
  }
  return {};
}

}  // namespace

Expected<ConvertReport> convert(const ConvertOptions& options) {
  if (options.output_file.empty())
    return Unexpected(usage_error("convert", "no --output_file", "the .tflite to write"));
  ML_ASSIGN(const Source source, read_source(options));
  ML_ASSIGN(conversion::Request request, request_of(options, source));
  ML_ASSIGN(const auto calibrated, calibrated_type(options, request));
  auto converted = conversion::convert(source.graph, request);
  if (!converted)
    return Unexpected(converted.error().kind == ErrorKind::usage ? converted.error()
                                                                 : converted.error().at(source.name));
  ConvertReport report;
  converted->model.path = source.name;  // in messages, until there is a file
  if (calibrated) ML_TRY(calibrate(options, *calibrated, *converted, report));
  ML_TRY(name_classes(source.graph, converted->model));
  ML_ASSIGN(const std::vector<std::byte> bytes, bytes_of(converted->model, options.output_format));
  ML_TRY(write_file(options.output_file, bytes));
  if (!options.test_image_path.empty()) {
    // The model's ends have the names of the graph's tensors, whether they were given or found.
    const Graph& ends = converted->model.main();
    TestImage test{options.test_image_path,
                   request.inputs.empty() ? ends.tensor(ends.inputs[0]).name : request.inputs[0],
                   request.outputs.empty() ? ends.tensor(ends.outputs[0]).name : request.outputs[0]};
    if (!request.means.empty() && !request.std_devs.empty()) {
      test.mean = request.means[0];
      test.std_dev = request.std_devs[0];
    }
    ML_ASSIGN(report.equal_share, equal_share(source.graph, converted->model, test));
  }
  report.file = options.output_file;
  report.bytes = static_cast<int64_t>(bytes.size());
  const Graph& g = converted->model.main();
  report.nodes = static_cast<int64_t>(g.nodes.size());
  for (const TensorId id : g.inputs) report.inputs.push_back(describe(g.tensor(id)));
  for (const TensorId id : g.outputs) report.outputs.push_back(describe(g.tensor(id)));
  report.remarks = std::move(converted->remarks);
  for (const conversion::PassRun& p : converted->passes)
    report.passes.push_back({p.name, p.changed, p.ms, p.is_left_out});
  return report;
}

}  // namespace monolite
