#include "editing/cut.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/infer_shapes.h"
#include "passes/graph_edit.h"
#include "passes/remove_dead.h"

namespace monolite::editing {
namespace {

bool contains(const std::vector<TensorId>& all, TensorId id) {
  return std::find(all.begin(), all.end(), id) != all.end();
}

Error wrong_end(const Graph& g, TensorId id, const char* flag, std::string found, std::string expected) {
  return input_error(fmt::format("{} \"{}\"", flag, printable(g.tensor(id).name)), std::move(found),
                     std::move(expected), "`monolite inspect` shows all tensors");
}

Expected<void> check_ends(const Graph& g, const std::vector<TensorId>& inputs, const std::vector<TensorId>& outputs) {
  for (const TensorId id : inputs) {
    if (g.tensor(id).is_constant() || g.tensor(id).is_variable) {
      return Unexpected(wrong_end(g, id, "--inputs", "a constant", "a tensor that is computed"));
    }
  }
  for (const TensorId id : outputs) {
    if (g.producer(id) < 0)
      return Unexpected(wrong_end(g, id, "--outputs", "no node's result", "a tensor that is computed"));
    if (contains(inputs, id)) return Unexpected(wrong_end(g, id, "--outputs", "an input as well", "another tensor"));
  }
  return {};
}

// Whatever wrote the tensor writes another now, which nothing reads.
void detach_from_producer(Graph& g, TensorId id) {
  const int producer = g.producer(id);
  if (producer < 0) return;
  const TensorId unread = passes::add_like(g, id, "_unread", g.tensor(id).shape);
  auto& outputs = g.nodes[static_cast<size_t>(producer)].outputs;
  std::replace(outputs.begin(), outputs.end(), id, unread);
}

// What a file states of an inner tensor's shape need not hold; of an input it must.
void state_shapes(Model& model, const std::vector<TensorId>& inputs) {
  const ops::Inference inference = ops::infer_shapes(model);
  for (const TensorId id : inputs) {
    const ops::TensorState& found = inference.states[static_cast<size_t>(id)];
    Tensor& t = model.main().tensor(id);
    if (!found.has_shape || found.shape == t.shape) continue;
    t.shape = found.shape;
    t.shape_signature.reset();
  }
}

// What living nodes read must come from somewhere.
Expected<void> check_reads(const Graph& g, const std::vector<TensorId>& inputs_before) {
  for (const TensorId id : inputs_before) {
    if (contains(g.inputs, id)) continue;
    if (g.consumers(id).empty() && !g.is_output(id)) continue;
    return Unexpected(
        wrong_end(g, id, "--inputs", "still needed by what was kept", "named as well, or cut off by other inputs"));
  }
  return {};
}

void update_signatures(Model& model) {
  const Graph& g = model.main();
  const auto follow = [&](std::vector<std::pair<std::string, TensorId>>& ends, const std::vector<TensorId>& now) {
    std::erase_if(ends, [&](const auto& end) { return !contains(now, end.second); });
    for (const TensorId id : now) {
      const bool is_there = std::any_of(ends.begin(), ends.end(), [&](const auto& end) { return end.second == id; });
      if (!is_there) ends.emplace_back(g.tensor(id).name, id);
    }
  };
  for (Signature& s : model.signatures) {
    if (s.graph != 0) continue;
    follow(s.inputs, g.inputs);
    follow(s.outputs, g.outputs);
  }
}

}  // namespace

Expected<TensorId> find_tensor(const Model& model, const std::string& name) {
  std::vector<TensorId> found;
  std::vector<std::string> names;
  const Graph& g = model.main();
  for (size_t i = 0; i < g.tensors.size(); ++i) {
    names.push_back(g.tensors[i].name);
    if (g.tensors[i].name == name) found.push_back(static_cast<TensorId>(i));
  }
  if (found.empty()) {
    for (size_t i = 0; i < names.size(); ++i) {  // a long name, as it is shown
      if (printable(names[i]) == name) found.push_back(static_cast<TensorId>(i));
    }
  }
  if (found.size() == 1) return found[0];
  const std::string near = nearest(name, names);
  return Unexpected(usage_error(fmt::format("tensor \"{}\"", printable(name)),
                                found.empty() ? "no tensor of that name" : fmt::format("{} of that name", found.size()),
                                "a tensor of the model",
                                near.empty() || !found.empty() ? "`monolite inspect` shows all tensors"
                                                               : "did you mean " + printable(near) + "?"));
}

Expected<void> cut(Model& model, const std::vector<TensorId>& inputs, const std::vector<TensorId>& outputs) {
  Graph& g = model.main();
  ML_TRY(check_ends(g, inputs, outputs));
  const std::vector<TensorId> inputs_before = g.inputs;
  if (!outputs.empty()) g.outputs = outputs;
  if (!inputs.empty()) {
    state_shapes(model, inputs);
    for (const TensorId id : inputs) detach_from_producer(g, id);
    g.inputs = inputs;
  }
  for (Signature& s : model.signatures) {
    if (s.graph == 0) s.outputs.clear();
  }
  passes::remove_dead_nodes(model);
  ML_TRY(check_reads(g, inputs_before));
  if (inputs.empty()) {
    // Inputs that nothing reads any more are fed for nothing.
    std::erase_if(g.inputs, [&](TensorId id) { return g.consumers(id).empty() && !g.is_output(id); });
  }
  for (const TensorId id : g.inputs) {
    if (!inputs.empty() && g.consumers(id).empty()) {
      return Unexpected(
          wrong_end(g, id, "--inputs", "nothing of what was kept reads it", "a tensor on the way to the outputs"));
    }
  }
  update_signatures(model);
  passes::remove_unused_tensors(model);
  return {};
}

Expected<void> rename(Model& model, const std::string& from, const std::string& to) {
  ML_ASSIGN(const TensorId id, find_tensor(model, from));
  for (const Tensor& t : model.main().tensors) {
    if (t.name == to) return Unexpected(usage_error("--rename", printable(to), "a name that no tensor has"));
  }
  model.main().tensor(id).name = to;
  return {};
}

}  // namespace monolite::editing
