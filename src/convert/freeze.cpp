#include "convert/freeze.h"

#include <unordered_map>

#include "base/text.h"
#include "convert/inline_functions.h"
#include "convert/lowering.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

bool is_variable(const tf::Node& n) { return n.op == "VariableV2" || n.op == "Variable" || n.op == "VarHandleOp"; }

// The name under which a checkpoint knows it.
std::string variable_name(const tf::Node& n) {
  const std::string shared = n.attr_or<std::string>("shared_name", "");
  return n.op == "VarHandleOp" && !shared.empty() ? shared : n.name;
}

Expected<void> make_constant(tf::Node& n, const std::string& variable, const tf::Checkpoint& variables) {
  auto value = variables.read(variable);
  if (!value) return Unexpected(value.error().at(node_error(n, "").where));
  n.op = "Const";
  n.inputs.clear();
  n.attrs = {{"dtype", value->dtype}, {"value", std::move(*value)}};
  return {};
}

}  // namespace

Expected<tf::Graph> freeze(tf::Graph graph, const tf::Checkpoint& variables,
                           const std::map<std::string, std::string>& keys) {
  const auto key_of = [&](const tf::Node& n) {
    for (const std::string& name : {n.name, variable_name(n)}) {
      if (const auto it = keys.find(name); it != keys.end()) return it->second;
    }
    return variable_name(n);
  };
  std::unordered_map<std::string, std::string> handles;
  for (const tf::Node& n : graph.nodes) {
    if (n.op == "VarHandleOp") handles[n.name] = key_of(n);
  }
  for (tf::Node& n : graph.nodes) {
    if (n.op == "ReadVariableOp" && !n.inputs.empty()) {
      const auto handle = handles.find(tf::parse_tensor_name(n.inputs[0]).node);
      if (handle != handles.end() && variables.has(handle->second)) ML_TRY(make_constant(n, handle->second, variables));
    } else if (is_variable(n) && n.op != "VarHandleOp" && variables.has(n.name)) {
      ML_TRY(make_constant(n, variable_name(n), variables));
    }
  }
  return graph;
}

Expected<tf::Graph> freeze(tf::SavedModel model) {
  ML_ASSIGN(tf::Graph graph, inline_functions(std::move(model.graph)));
  if (!model.variables) return graph;
  return freeze(std::move(graph), *model.variables, model.variable_keys);
}

}  // namespace monolite::conversion
