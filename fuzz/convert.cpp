// Any graph, converted in each of the three ways: an error, or a model that can be used. In float it computes what the
// graph does node by node.
#include <algorithm>
#include <array>
#include <string_view>

#include "both_backends.h"
#include "convert/convert.h"
#include "convert/interpret.h"
#include "graph_mutator.h"
#include "same_numbers.h"
#include "small_model.h"

namespace {

using namespace monolite;
using conversion::InferenceType;

constexpr size_t kMostNodes = 256;

// Does a last bit stay one? Not where a range rounds, which a float model does not, where values are cut to whole
// numbers, what is no number is compared, or a difference may be what is divided by.
bool is_smooth(const tensorflow::Graph& graph) {
  static constexpr std::array kParts = {"FakeQuant", "Floor", "Ceil",  "Round", "Rint",  "Sign", "Arg",
                                        "Cast",      "Equal", "Less",  "Great", "TopK",  "Mod",  "Logical",
                                        "Select",    "Where", "Range", "qrt",   "Log1p", "Pow",  "NonMax",
                                        "Div",       "Inv",   "Recip", "NoNan"};
  return std::none_of(graph.nodes.begin(), graph.nodes.end(), [](const tensorflow::Node& node) {
    return node.op == "Log" || std::any_of(kParts.begin(), kParts.end(), [&](const std::string_view part) {
             return node.op.find(part) != std::string::npos;
           });
  });
}

void expect_same_results(const tensorflow::Graph& graph, const Model& model) {
  const Graph& g = model.main();
  if (!is_smooth(graph) || !fuzz::is_small(model, {.nodes = kMostNodes})) return;
  const auto inputs = legalize::generate_inputs(model, 1);
  if (!inputs) return;
  std::vector<conversion::Feed> feeds;
  std::vector<std::string> names;
  for (size_t i = 0; i < g.inputs.size(); ++i) feeds.push_back({g.tensor(g.inputs[i]).name, (*inputs)[i]});
  for (const TensorId id : g.outputs) names.push_back(g.tensor(id).name);
  const auto want = conversion::run_graph(graph, feeds, names);
  if (!want) return;  // node by node it may take more memory than is allowed
  const auto reference = ops::evaluate(model, *inputs);
  if (!reference) return;
  const auto fast = fuzz::run_fast(model, *inputs);
  for (size_t i = 0; i < names.size(); ++i) {
    if ((*want)[i].dtype != DType::float32) continue;
    fuzz::expect_near("reference:", (*want)[i], (*reference)[i]);
    fuzz::expect_near("fast:", (*want)[i], fast[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto graph = fuzz::graph_of(data, size);
  if (!graph || graph->nodes.size() > kMostNodes) return 0;
  for (const auto type : {InferenceType::float32, InferenceType::uint8, InferenceType::int8}) {
    conversion::Request request{.type = type, .means = {128}, .std_devs = {128}};
    if (type != InferenceType::float32) {
      request.default_range = {-1, 6};
      request.allow_custom_ops = true;
    }
    const auto converted = conversion::convert(*graph, request);
    if (!converted) continue;
    const auto& nodes = converted->model.main().nodes;
    if (std::any_of(nodes.begin(), nodes.end(), [](const Node& n) { return n.op == OpCode::CUSTOM; })) continue;
    fuzz::expect_usable(converted->model);
    if (type == InferenceType::float32) expect_same_results(*graph, converted->model);
  }
  return 0;
}
