#include "convert/convert.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "convert/passes.h"
#include "convert/quantize.h"
#include "convert/uses.h"
#include "ops/infer_shapes.h"
#include "ops/op.h"
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
                                    "a shape that depends on the picture", "a fixed shape",
                                    "give it with --input_shapes=1,HEIGHT,WIDTH,3"));
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

Expected<void> verify(const Model& model) {
  const ops::Inference inference = ops::infer_shapes(model);
  for (size_t i = 0; i < inference.node_errors.size(); ++i) {
    if (inference.node_errors[i] && ops::find_op(model.main().nodes[i]) != nullptr)
      return Unexpected(*inference.node_errors[i]);
  }
  return {};
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
  const auto outputs = request.outputs.empty() ? leaves(graph) : request.outputs;
  if (request.inputs.empty()) ML_TRY(select(index, {}, outputs));  // what is wrong with the outputs is said first
  const auto inputs = request.inputs.empty() ? sources(index, outputs) : request.inputs;
  if (inputs.empty() || outputs.empty()) {
    return Unexpected(input_error("the graph", inputs.empty() ? "no placeholder" : "no node that nothing reads",
                                  "inputs and outputs", "name them with --input_arrays and --output_arrays"));
  }
  ML_ASSIGN(const LoweringOptions options, lowering_options(graph, index, inputs, request, result.remarks));
  ML_ASSIGN(const Selection selection, select(index, inputs, outputs));
  Lowering lowering(options);
  ML_TRY(lowering.run(selection, index));
  Lowered& lowered = lowering.lowered();
  // toco merged only what a bias follows, so that its files of float graphs keep the rest; where its default ranges are
  // asked for, what it kept decides about the numbers.
  merge_dilation(lowered, request.type == InferenceType::uint8 && request.default_range.has_value());
  fold_into_convolution(lowered);
  fuse_activations(lowered);
  auto ranges = take_ranges(lowered);
  if (request.type != InferenceType::float32) {
    ML_TRY(quantize(lowered, std::move(ranges), quantize_options(request, inputs)));
  } else if (!ranges.empty() && request.is_calibrated) {
    result.remarks.push_back(
        fmt::format("the graph holds {} trained ranges (FakeQuant); the calibration's are taken "
                    "instead. Without --calibration, the trained ones are",
                    ranges.size()));
  } else if (!ranges.empty()) {
    result.remarks.push_back(
        fmt::format("the graph holds {} trained ranges (FakeQuant) that a float model does not use; "
                    "--inference_type=QUANTIZED_UINT8 does",
                    ranges.size()));
  }
  if (request.int8_filters) quantize::quantize_filters(lowered.model.graphs[0]);
  if (request.float16_constants) quantize::halve_constants(lowered.model.graphs[0]);
  tidy(lowered.model.graphs[0]);
  for (Node& n : lowered.model.graphs[0].nodes) passes::set_minimal_version(lowered.model.graphs[0], n);
  passes::share_constants(lowered.model);
  lowered.model.description = "monolite";
  ML_TRY(verify(lowered.model));
  result.remarks.insert(result.remarks.end(), lowered.remarks.begin(), lowered.remarks.end());
  result.model = std::move(lowered.model);
  return result;
}

}  // namespace monolite::conversion
