#include "convert/freeze.h"

#include <charconv>
#include <map>
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

// A variable that is kept in parts, "NAME/part_0" and so on, side by side along one axis: the checkpoint has it whole.
class Parts {
 public:
  explicit Parts(const tf::Graph& graph) {
    for (const tf::Node& n : graph.nodes) {
      const auto place = place_of(n);
      if (place) shapes_[place->first][place->second] = n.attr<tf::PartialShape>("shape")->dims;
    }
  }

  // The whole variable's name.
  std::string whole(const tf::Node& n) const {
    const auto place = place_of(n);
    return place ? place->first : "";
  }

  // What of the whole belongs to node `n`.
  Expected<tf::Tensor> cut(const tf::Node& n, const tf::Tensor& whole) const {
    const auto place = place_of(n);
    const auto& parts = shapes_.at(place->first);
    const std::vector<int64_t>& own = parts.at(place->second);
    size_t axis = 0;
    while (axis < own.size() && axis < whole.dims.size() && own[axis] == whole.dims[axis]) ++axis;
    int64_t before = 0, outer = 1, inner = tf::size_bytes(whole.dtype);
    for (const auto& [index, shape] : parts) {
      if (index < place->second && axis < shape.size()) before += shape[axis];
    }
    bool fits = own.size() == whole.dims.size();
    for (size_t i = 0; fits && i < own.size(); ++i) {
      if (i == axis) continue;
      fits = own[i] == whole.dims[i];
      (i < axis ? outer : inner) *= own[i];
    }
    if (axis == own.size()) return whole;  // a single part
    if (!fits || own[axis] < 0 || before < 0 || before + own[axis] > whole.dims[axis]) {
      return Unexpected(node_error(n, "a part " + tf::to_string(own) + " of a variable " + tf::to_string(whole.dims),
                                   "parts that lie side by side along one axis"));
    }
    std::vector<std::byte> bytes;
    for (int64_t o = 0; o < outer; ++o) {
      const auto row = whole.data.bytes().subspan(static_cast<size_t>((o * whole.dims[axis] + before) * inner),
                                                  static_cast<size_t>(own[axis] * inner));
      bytes.insert(bytes.end(), row.begin(), row.end());
    }
    return tf::Tensor{whole.dtype, own, Buffer::of(std::move(bytes)), {}};
  }

 private:
  static std::optional<std::pair<std::string, int>> place_of(const tf::Node& n) {
    const size_t at = n.name.rfind("/part_");
    const auto* shape = n.attr<tf::PartialShape>("shape");
    if (!is_variable(n) || at == std::string::npos || shape == nullptr || !shape->has_rank) return {};
    int index = 0;
    const char *begin = n.name.data() + at + 6, *end = n.name.data() + n.name.size();
    const auto read = std::from_chars(begin, end, index);
    if (read.ec != std::errc() || read.ptr != end || index < 0) return {};
    return std::pair(n.name.substr(0, at), index);
  }

  std::map<std::string, std::map<int, std::vector<int64_t>>> shapes_;
};

Expected<void> make_constant(tf::Node& n, const tf::Node& variable, const Parts& parts,
                             const tf::Checkpoint& variables) {
  auto whole = variables.read(parts.whole(variable));
  if (!whole) return Unexpected(whole.error().at(node_error(n, "").where));
  ML_ASSIGN(tf::Tensor value, parts.cut(variable, *whole));
  n.op = "Const";
  n.inputs.clear();
  n.attrs = {{"dtype", value.dtype}, {"value", std::move(value)}};
  return {};
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
  const Parts parts(graph);
  const auto is_kept_in_parts = [&](const tf::Node& n) {
    const std::string whole = parts.whole(n);
    return !whole.empty() && variables.has(whole);
  };
  std::unordered_map<std::string, std::string> handles;
  std::unordered_map<std::string, tf::Node> handles_of_parts;
  for (const tf::Node& n : graph.nodes) {
    if (n.op != "VarHandleOp") continue;
    handles[n.name] = key_of(n);
    if (!variables.has(key_of(n)) && is_kept_in_parts(n)) handles_of_parts[n.name] = n;
  }
  for (tf::Node& n : graph.nodes) {
    if (n.op == "ReadVariableOp" && !n.inputs.empty()) {
      const std::string name = tf::parse_tensor_name(n.inputs[0]).node;
      if (const auto part = handles_of_parts.find(name); part != handles_of_parts.end()) {
        ML_TRY(make_constant(n, part->second, parts, variables));
        continue;
      }
      const auto handle = handles.find(name);
      if (handle != handles.end() && variables.has(handle->second)) ML_TRY(make_constant(n, handle->second, variables));
    } else if (is_variable(n) && n.op != "VarHandleOp" && variables.has(n.name)) {
      ML_TRY(make_constant(n, variable_name(n), variables));
    } else if (is_variable(n) && n.op != "VarHandleOp" && is_kept_in_parts(n)) {
      const tf::Node variable = n;
      ML_TRY(make_constant(n, variable, parts, variables));
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
