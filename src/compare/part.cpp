#include "compare/part.h"

#include <fmt/format.h>

#include <map>

#include "compare/structure.h"
#include "ops/limits.h"
#include "runtime/session.h"

namespace monolite::compare {
namespace {

std::string name_of(const Graph& g, const Node& n) {
  return n.outputs.empty() || n.outputs[0] == kNoTensor ? std::string() : g.tensor(n.outputs[0]).name;
}

// The model up to a node, whose first output becomes the only one.
Model cut_behind(const Model& model, size_t node) {
  Model cut = model;
  Graph& g = cut.main();
  g.outputs = {g.nodes[node].outputs[0]};
  g.nodes.resize(node + 1);
  cut.signatures.clear();
  return cut;
}

Expected<Difference> backends_apart(const Model& model, size_t node, std::span<const ops::Value> inputs) {
  const Model cut = cut_behind(model, node);
  const Quantization& q = cut.main().tensor(cut.main().outputs[0]).quantization;
  ML_ASSIGN(const auto reference, ops::evaluate(cut, inputs));
  runtime::SessionOptions options;
  for (size_t i = 0; i < inputs.size(); ++i) options.input_shapes[cut.main().inputs[i]] = inputs[i].shape;
  ML_ASSIGN(const auto session, runtime::Session::create(cut, options));
  ML_ASSIGN(const auto fast, session->run(inputs));
  return compare(reference[0], q, fast[0], q);
}

}  // namespace

Expected<Search> first_parting(const Model& a, std::span<const ops::Value> inputs_a, const Model& b,
                               std::span<const ops::Value> inputs_b, double tolerance) {
  std::map<int, int> of_b;  // node of b -> node of a
  std::map<int, std::vector<ops::Value>> kept;
  for (const auto& [i, j] : align(a.main(), b.main())) {
    of_b[j] = i;
    kept[i];
  }
  int64_t kept_bytes = 0;
  ops::EvaluateOptions keep;
  keep.observer = [&](size_t node, std::span<const ops::Value> outputs) {
    const auto found = kept.find(static_cast<int>(node));
    if (found == kept.end()) return;
    for (const ops::Value& v : outputs) kept_bytes += static_cast<int64_t>(v.data.size_bytes());
    if (kept_bytes <= ops::kMostLiveBytes) found->second.assign(outputs.begin(), outputs.end());
  };
  ML_TRY(ops::evaluate(a, inputs_a, keep));
  if (kept_bytes > ops::kMostLiveBytes) {
    return Unexpected(input_error(a.path, fmt::format("{} bytes of tensors to compare", kept_bytes),
                                  fmt::format("at most {}", ops::kMostLiveBytes), "use a smaller input"));
  }
  Search search;
  ops::EvaluateOptions look;
  look.observer = [&](size_t node, std::span<const ops::Value> outputs) {
    const auto pair = of_b.find(static_cast<int>(node));
    if (pair == of_b.end() || search.first) return;
    const Node &x = a.main().nodes[static_cast<size_t>(pair->second)], &y = b.main().nodes[node];
    const auto& values = kept[pair->second];
    for (size_t k = 0; k < std::min(values.size(), outputs.size()) && !search.first; ++k) {
      const Difference d = compare(values[k], a.main().tensor(x.outputs[k]).quantization, outputs[k],
                                   b.main().tensor(y.outputs[k]).quantization);
      ++search.compared;
      if (d.agrees(tolerance)) continue;
      search.first = Parting{pair->second, static_cast<int>(node), op_name(x), name_of(a.main(), x), d};
    }
  };
  ML_TRY(ops::evaluate(b, inputs_b, look));
  return search;
}

Expected<Search> first_parting_of_backends(const Model& model, std::span<const ops::Value> inputs, double tolerance) {
  Search search;
  size_t agree = 0, part = model.main().nodes.size();  // nodes [0, agree) do; node `part` does not, or is none
  while (agree < part) {
    // The whole model first: where it agrees nothing is to be sought.
    const size_t node = search.compared == 0 ? part - 1 : agree + (part - agree) / 2;
    const Node& n = model.main().nodes[node];
    if (n.outputs.empty() || n.outputs[0] == kNoTensor) return search;
    ML_ASSIGN(const Difference d, backends_apart(model, node, inputs));
    ++search.compared;
    if (d.agrees(tolerance)) {
      agree = node + 1;
      continue;
    }
    part = node;
    const int index = static_cast<int>(node);
    search.first = Parting{index, index, op_name(n), name_of(model.main(), n), d};
  }
  return search;
}

}  // namespace monolite::compare
