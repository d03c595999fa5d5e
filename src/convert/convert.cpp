#include "convert/convert.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "convert/lowerings.h"
#include "convert/passes.h"
#include "convert/quantize.h"
#include "convert/uses.h"
#include "nets/deeplab.h"
#include "passes/minimal_version.h"
#include "passes/share_constants.h"
#include "quantize/quantize_weights.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

// The placeholders that tensors depend on.
std::vector<std::string> sources(const NodeIndex& index, const std::vector<std::string>& tensors) {
  std::vector<std::string> names;
  const auto all = select(index, {}, tensors);
  if (!all) return names;
  for (const tf::Node* n : all->nodes) {
    if (n->op == "Placeholder") names.push_back(n->name);
  }
  return names;
}

// The shape with every open extent set to `extent`.
std::optional<Shape> closed_shape(const tf::Node& n, int32_t extent) {
  const auto* partial = n.attr<tf::PartialShape>("shape");
  if (partial == nullptr || !partial->has_rank) return {};
  Shape shape;
  for (const int64_t d : partial->dims) {
    if (d > INT32_MAX) return {};
    shape.push_back(d < 0 ? extent : static_cast<int32_t>(d));
  }
  return shape;
}

std::optional<Shape> shape_for_extent(const NodeIndex& index, const std::vector<std::string>& from,
                                      const std::string& tensor, int32_t extent) {
  LoweringOptions options;
  for (const auto& name : from) {
    const auto shape = closed_shape(*index.find(name), extent);
    if (!shape) return {};
    options.input_shapes.push_back({name, *shape});
  }
  const auto selection = select(index, from, {tensor});
  if (!selection) return {};
  Lowering lowering(options);
  if (!lowering.run(*selection, index)) return {};
  return lowering.shape(lowering.graph().outputs[0]);
}

// The shape of a placeholder whose batch alone is open.
std::optional<Shape> shape_of_one_picture(const tf::Node& n) {
  const auto* partial = n.attr<tf::PartialShape>("shape");
  if (partial == nullptr || !partial->has_rank || partial->dims.size() < 2 || partial->dims[0] >= 0) return {};
  if (std::any_of(partial->dims.begin() + 1, partial->dims.end(), [](int64_t d) { return d < 0; })) return {};
  return closed_shape(n, 1);
}

void note_shape(std::vector<std::string>& remarks, const std::string& input, const Shape& shape, const char* why) {
  remarks.push_back(fmt::format("input {}: {}, {}", printable(input), to_string(shape), why));
}

constexpr const char* kDeepLabOutput = "ArgMax";

// Where the net of a DeepLab graph begins, or nullptr.
const char* deeplab_input(const NodeIndex& index) {
  for (const char* input : {nets::kMobileNetV2Input, nets::kMobileNetEdgeTpuInput}) {
    if (index.find(input) != nullptr && index.find(kDeepLabOutput) != nullptr) return input;
  }
  return nullptr;
}

// How to come to a fixed shape: DeepLab's graphs have one behind their preprocessing.
std::string shape_hint(const NodeIndex& index) {
  const std::string shape = "give it with --input_shapes=1,HEIGHT,WIDTH,3";
  const char* own = deeplab_input(index);
  if (own == nullptr) return shape;
  return fmt::format("begin behind the preprocessing: --input_arrays={} --output_arrays={}; or {}", own, kDeepLabOutput,
                     shape);
}

Expected<LoweringOptions> lowering_options(const tf::Graph& graph, const NodeIndex& index,
                                           const std::vector<std::string>& inputs, const Request& r,
                                           std::vector<std::string>& remarks) {
  LoweringOptions options;
  options.allow_custom_ops = r.allow_custom_ops;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const tf::TensorName name = tf::parse_tensor_name(inputs[i]);
    if (i < r.input_shapes.size()) {
      options.input_shapes.push_back({name.node, r.input_shapes[i]});
      continue;
    }
    ML_ASSIGN(const tf::Node* node, index.get(name.node, "input array"));
    if (stated_shape(*node)) continue;
    if (const auto single = shape_of_one_picture(*node)) {
      options.input_shapes.push_back({name.node, *single});
      note_shape(remarks, name.node, *single, "a batch of one");
      continue;
    }
    const auto shape = shape_by_preprocessing(graph, index, inputs[i]);
    if (!shape) {
      return Unexpected(input_error("input array \"" + printable(name.node) + "\"",
                                    "a shape that depends on the picture", "a fixed shape", shape_hint(index)));
    }
    options.input_shapes.push_back({name.node, *shape});
    note_shape(remarks, name.node, *shape, "the size that the graph's own preprocessing pads to");
  }
  return options;
}

QuantizeOptions quantize_options(const Request& r, const std::vector<std::string>& inputs) {
  QuantizeOptions options;
  for (size_t i = 0; i < inputs.size() && !r.means.empty() && !r.std_devs.empty(); ++i) {
    options.inputs.push_back({tf::parse_tensor_name(inputs[i]).node, r.means[std::min(i, r.means.size() - 1)],
                              r.std_devs[std::min(i, r.std_devs.size() - 1)]});
  }
  options.default_range = r.default_range;
  options.int8 = r.type == InferenceType::int8;
  options.change_concat_input_ranges = r.change_concat_input_ranges;
  options.requantize_concat_inputs = r.requantize_concat_inputs;
  options.float_inputs = r.float_inputs;
  return options;
}

Expected<void> run_passes(Pipeline& pipeline, Lowered& lowered, const Request& request) {
  // toco merged only what a bias follows, so that its files of float graphs keep the rest; where its default ranges are
  // asked for, what it kept decides about the numbers.
  const bool as_toco = request.type == InferenceType::uint8 && request.default_range.has_value();
#define PASS(name, ...) ML_TRY(pipeline.run(#name, [&] { return name(__VA_ARGS__); }));
#include "convert/passes.inc"
#undef PASS
  return {};
}

// The error function alone: only GELU has it.
Expected<void> expect_no_error_function(const Graph& g) {
  std::vector<bool> is_read(g.tensors.size());
  for (const Node& n : g.nodes) {
    for (const TensorId id : n.inputs) {
      if (id != kNoTensor) is_read[static_cast<size_t>(id)] = true;
    }
  }
  for (const TensorId id : g.outputs) is_read[static_cast<size_t>(id)] = true;
  for (const Node& n : g.nodes) {
    if (n.op != OpCode::CUSTOM || (n.custom_code != kErf && n.custom_code != kErfc)) continue;
    if (!is_read[static_cast<size_t>(n.outputs[0])]) continue;
    return Unexpected(input_error(
        "node \"" + printable(g.tensor(n.outputs[0]).name) + "\" (" + n.custom_code + ")",
        "an error function outside of a GELU", "x * 0.5 * (1 + erf(x / sqrt(2))), which GELU is",
        "cut the graph before it with --output_arrays, or keep it as a custom operator with --allow_custom_ops"));
  }
  return {};
}

// Where the model begins and ends.
struct Ends {
  std::vector<std::string> inputs, outputs;
};

Expected<Ends> ends_of(const tf::Graph& graph, const NodeIndex& index, const Request& request,
                       std::vector<std::string>& remarks) {
  Ends ends{request.inputs, request.outputs.empty() ? leaves(graph) : request.outputs};
  if (request.inputs.empty()) {
    ML_TRY(select(index, {}, ends.outputs));  // what is wrong with the outputs is said first
    ends.inputs = sources(index, ends.outputs);
  }
  if (request.inputs.empty() && request.outputs.empty() && request.input_shapes.empty() && ends.inputs.size() == 1 &&
      !stated_shape(*index.find(ends.inputs[0]))) {
    if (const char* own = deeplab_input(index); own != nullptr && shape_by_preprocessing(graph, index, own)) {
      ends = {{own}, {kDeepLabOutput}};
      remarks.push_back(
          fmt::format("the graph takes pictures of any size: the model begins behind its preprocessing, at {}, and "
                      "ends at {}",
                      own, kDeepLabOutput));
    }
  }
  if (!ends.inputs.empty() && !ends.outputs.empty()) return ends;
  return Unexpected(input_error("the graph", ends.inputs.empty() ? "no placeholder" : "no node that nothing reads",
                                "inputs and outputs", "name them with --input_arrays and --output_arrays"));
}

// Of a float model's trained ranges.
std::string remark_on_unused(size_t ranges, bool is_calibrated) {
  return fmt::format("the graph holds {} trained ranges (FakeQuant){}", ranges,
                     is_calibrated
                         ? "; the calibration's are taken instead. Without --calibration, the trained ones are"
                         : " that a float model does not use; --inference_type=QUANTIZED_UINT8 does");
}

// Constants as they are asked for, and nothing that nobody needs.
Expected<void> finish(Pipeline& pipeline, Model& model, const Request& request) {
  Graph& g = model.main();
  if (request.int8_filters) {
    ML_TRY(pipeline.step("quantize_filters", [&]() -> Expected<int> { return quantize::quantize_filters(g); }));
  }
  if (request.float16_constants) {
    ML_TRY(pipeline.step("halve_constants", [&]() -> Expected<int> { return quantize::halve_constants(g); }));
  }
  ML_TRY(pipeline.step("tidy", [&]() -> Expected<int> {
    const auto before = static_cast<int>(g.nodes.size());
    tidy(g);
    return before - static_cast<int>(g.nodes.size());
  }));
  for (Node& n : g.nodes) passes::set_minimal_version(g, n);
  ML_TRY(pipeline.step("share_constants", [&]() -> Expected<int> { return passes::share_constants(model); }));
  model.description = "monolite";
  return verify(model);
}

}  // namespace

std::optional<Shape> shape_by_preprocessing(const tf::Graph&, const NodeIndex& index, const std::string& tensor) {
  const auto from = sources(index, {tensor});
  if (from.empty() || (from.size() == 1 && from[0] == tf::parse_tensor_name(tensor).node)) return {};
  // Two small pictures: what has the same shape for both does not follow the picture's.
  const auto one = shape_for_extent(index, from, tensor, 1), two = shape_for_extent(index, from, tensor, 2);
  return one && two && *one == *two ? one : std::nullopt;
}

Expected<Converted> convert(const tf::Graph& graph, const Request& request) {
  Converted result;
  ML_ASSIGN(const NodeIndex index, NodeIndex::of(graph));
  ML_ASSIGN(const Ends ends, ends_of(graph, index, request, result.remarks));
  ML_ASSIGN(const LoweringOptions options, lowering_options(graph, index, ends.inputs, request, result.remarks));
  ML_ASSIGN(const Selection selection, select(index, ends.inputs, ends.outputs));
  Lowering lowering(options);
  Lowered& lowered = lowering.lowered();
  Pipeline pipeline(lowered);
  ML_TRY(pipeline.leave_out(request.without_passes));
  const auto lower = [&]() -> Expected<int> {
    ML_TRY(lowering.run(selection, index));
    return static_cast<int>(lowering.graph().nodes.size());
  };
  ML_TRY(pipeline.step("lower", lower));
  ML_TRY(run_passes(pipeline, lowered, request));
  if (!request.allow_custom_ops) ML_TRY(expect_no_error_function(lowered.model.main()));
  Ranges ranges;
  ML_TRY(pipeline.step("take_ranges", [&]() -> Expected<int> {
    ranges = take_ranges(lowered, request.type != InferenceType::float32);
    return static_cast<int>(ranges.size());
  }));
  if (request.type != InferenceType::float32) {
    const QuantizeOptions quantization = quantize_options(request, ends.inputs);
    const auto quantize_all = [&]() -> Expected<int> {
      ML_TRY(quantize(lowered, std::move(ranges), quantization));
      return static_cast<int>(lowered.model.main().nodes.size());
    };
    ML_TRY(pipeline.step("quantize", quantize_all));
  } else if (!ranges.empty()) {
    result.remarks.push_back(remark_on_unused(ranges.size(), request.is_calibrated));
  }
  ML_TRY(finish(pipeline, lowered.model, request));
  result.remarks.insert(result.remarks.end(), lowered.remarks.begin(), lowered.remarks.end());
  result.passes = pipeline.runs();
  result.model = std::move(lowered.model);
  return result;
}

}  // namespace monolite::conversion
