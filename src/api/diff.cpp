#include "monolite/diff.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/device_outputs.h"
#include "api/diff_graph.h"
#include "api/verification_inputs.h"
#include "base/text.h"
#include "compare/part.h"
#include "compare/structure.h"
#include "image/png.h"
#include "image/read.h"
#include "runtime/session.h"
#include "tasks/output.h"
#include "tensorflow/graph_def.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

using Values = std::vector<ops::Value>;

Expected<Values> run(const Model& model, const Values& inputs) {
  runtime::SessionOptions options;
  for (size_t i = 0; i < inputs.size(); ++i) options.input_shapes[model.main().inputs[i]] = inputs[i].shape;
  ML_ASSIGN(const auto session, runtime::Session::create(model, options));
  return session->run(inputs);
}

const Tensor& output(const Model& model, size_t i) { return model.main().tensor(model.main().outputs[i]); }

// White where elements differ; a picture of the height and width that the shape has.
Expected<void> write_picture(const ops::Value& a, const Quantization& qa, const ops::Value& b, const Quantization& qb,
                             const std::string& path) {
  const int rank = a.shape.rank();
  if (rank < 3 || a.shape.elements() != b.shape.elements()) {
    return Unexpected(usage_error("--picture", "outputs of shapes " + to_string(a.shape) + " and " + to_string(b.shape),
                                  "maps of one size"));
  }
  const int32_t height = a.shape[1], width = a.shape[2];
  const int64_t pixels = int64_t{height} * width, depth = pixels == 0 ? 0 : a.shape.elements(1, rank) / pixels;
  if (pixels > image::kMostPixels) return Unexpected(usage_error("--picture", to_string(a.shape), "a smaller map"));
  image::Image picture(width, height);
  for (int64_t i = 0; i < pixels * depth; ++i) {
    if (tasks::real_number(a, qa, i) == tasks::real_number(b, qb, i)) continue;
    std::fill_n(picture.rgb.begin() + i / depth * 3, 3, uint8_t{255});
  }
  return image::write_png(picture, path);
}

void add(const compare::Structure& s, DiffReport& r) {
  r.nodes_a = s.nodes_a;
  r.nodes_b = s.nodes_b;
  r.same_nodes = s.same_nodes;
  r.weights_equal = s.weights_equal;
  r.weights_different = s.weights_different;
  for (const compare::NodeChange& c : s.changes) {
    using Kind = compare::NodeChange::Kind;
    const char* kind = c.kind == Kind::added ? "added" : c.kind == Kind::removed ? "removed" : "changed";
    DiffReport::Change change{kind, c.a, c.b, printable(c.op), printable(c.name), {}};
    for (const std::string& what : c.what) change.what.push_back(printable(what));
    r.changes.push_back(std::move(change));
  }
}

class Outputs {
 public:
  // `graph` instead of `b` where there is one.
  Outputs(const DiffOptions& options, const Model& a, const Model& b, const tensorflow::Graph* graph,
          DiffReport& report)
      : options_(options), a_(a), b_(b), graph_(graph), report_(report) {}

  Expected<void> compare_on(const Values& inputs_a, const Values& inputs_b, const std::string& input) {
    ML_ASSIGN(const Values a, run(a_, inputs_a));
    Values b;
    bool is_stored = true;  // the device's numbers are the model's own: one type, one quantization
    if (graph_ != nullptr) {
      ML_ASSIGN(b, run_like(a_, *graph_, inputs_a));
    } else if (options_.outputs.empty()) {
      ML_ASSIGN(b, run(b_, inputs_b));
    } else {
      ML_ASSIGN(b, read_device_outputs(options_.outputs, a));
      for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) is_stored = is_stored && a[i].dtype == b[i].dtype;
    }
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      const Quantization& qa = output(a_, i).quantization;
      const Quantization qb = graph_ != nullptr          ? Quantization{}
                              : options_.outputs.empty() ? output(b_, i).quantization
                              : is_stored                ? qa
                                                         : Quantization{};
      const compare::Difference d = compare::compare(a[i], qa, b[i], qb);
      report_.outputs.push_back({printable(output(a_, i).name), compare::to_string(d), printable(input), d.elements,
                                 d.differing, d.max, d.mean, d.agrees(options_.tolerance)});
      if (i == 0 && !options_.picture.empty()) ML_TRY(write_picture(a[i], qa, b[i], qb, options_.picture));
    }
    if (options_.outputs.empty() && a.size() != b.size()) {
      report_.outputs.push_back({.name = "outputs", .said = fmt::format("{} beside {}", a.size(), b.size())});
    }
    return {};
  }

 private:
  const DiffOptions& options_;
  const Model &a_, &b_;
  const tensorflow::Graph* graph_;
  DiffReport& report_;
};

Expected<void> check(const DiffOptions& o) {
  if (o.b.empty() && o.outputs.empty()) {
    return Unexpected(usage_error("diff", "one model", "two, or one and --outputs", "monolite diff A B [--input F]"));
  }
  if (!o.b.empty() && !o.outputs.empty()) {
    return Unexpected(usage_error("diff", "two models and --outputs", "one model beside a device's outputs"));
  }
  if (is_graph_file(o.a)) {
    return Unexpected(usage_error("diff", "a graph first", "the model first", "monolite diff MODEL " + printable(o.a)));
  }
  if (o.inputs.empty() && (!o.outputs.empty() || !o.picture.empty())) {
    return Unexpected(usage_error("diff", "no --input", "the picture or the .npy that was fed"));
  }
  return {};
}

// What a graph holds beyond the model's nodes was folded into them: constants, normalization, FakeQuant.
void add(const Model& model, const tensorflow::Graph& graph, DiffReport& r) {
  const auto names = counterparts(model, graph);
  r.is_graph = true;
  r.nodes_a = static_cast<int>(names.size());
  r.nodes_b = static_cast<int>(graph.nodes.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const Node& node = model.main().nodes[i];
    if (!names[i].empty()) {
      ++r.same_nodes;
      continue;
    }
    const std::string name = node.outputs.empty() ? "" : model.main().tensor(node.outputs[0]).name;
    r.changes.push_back({"removed", static_cast<int>(i), -1, op_name(node), printable(name), {"not in the graph"}});
  }
}

}  // namespace

bool DiffReport::agrees() const {
  if (outputs.empty()) return changes.empty();
  return std::all_of(outputs.begin(), outputs.end(), [](const OutputDifference& o) { return o.agrees; });
}

Expected<DiffReport> diff(const DiffOptions& o) {
  ML_TRY(check(o));
  ML_ASSIGN(const Model a, tflite::read_file(o.a));
  DiffReport r{.a = o.a, .b = o.outputs.empty() ? o.b : o.outputs};
  Model b;
  std::optional<tensorflow::Graph> graph;
  if (o.outputs.empty() && is_graph_file(o.b)) {
    ML_ASSIGN(graph, tensorflow::read_graph_def(o.b));
    add(a, *graph, r);
  } else if (o.outputs.empty()) {
    ML_ASSIGN(b, tflite::read_file(o.b));
    add(compare::compare_structure(a, b), r);
  }
  if (o.inputs.empty()) return r;
  ML_ASSIGN(const auto inputs_a, inputs_from_files(a, o.inputs));
  VerificationInputs inputs_b = inputs_a;
  if (o.outputs.empty() && !graph) {
    ML_ASSIGN(inputs_b, inputs_from_files(b, o.inputs));
  } else if (!graph && inputs_a.sets.size() != 1) {
    return Unexpected(
        usage_error("--input", fmt::format("{} files", o.inputs.size()), "what the device was fed, once"));
  }
  Outputs outputs(o, a, b, graph ? &*graph : nullptr, r);
  const size_t each = o.inputs.size() / std::max<size_t>(1, inputs_a.sets.size());
  for (size_t i = 0; i < inputs_a.sets.size() && i < inputs_b.sets.size(); ++i) {
    ML_TRY(outputs.compare_on(inputs_a.sets[i], inputs_b.sets[i], o.inputs[i * each]));
  }
  return r;
}

Expected<BisectReport> bisect(const BisectOptions& o) {
  if (o.inputs.empty()) return Unexpected(usage_error("bisect", "no --input", "a picture or a .npy to run on"));
  ML_ASSIGN(const Model a, tflite::read_file(o.a));
  ML_ASSIGN(const auto inputs_a, inputs_from_files(a, o.inputs));
  BisectReport r{.a = o.a, .b = o.b};
  compare::Search search;
  if (o.b.empty()) {
    ML_ASSIGN(search, compare::first_parting_of_backends(a, inputs_a.sets[0], o.tolerance));
  } else {
    ML_ASSIGN(const Model b, tflite::read_file(o.b));
    ML_ASSIGN(const auto inputs_b, inputs_from_files(b, o.inputs));
    ML_ASSIGN(search, compare::first_parting(a, inputs_a.sets[0], b, inputs_b.sets[0], o.tolerance));
  }
  r.compared = search.compared;
  if (search.first) {
    const compare::Parting& p = *search.first;
    r.first = BisectReport::First{
        p.node_a,           p.node_b,       printable(p.op), printable(p.name), compare::to_string(p.difference),
        p.difference.worst, p.difference.a, p.difference.b};
  }
  return r;
}

}  // namespace monolite
