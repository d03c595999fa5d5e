#include "tensorflow/saved_model.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/file.h"
#include "base/text.h"
#include "tensorflow/proto/checkpoint.pb.h"
#include "tensorflow/proto/saved_model.pb.h"
#include "tensorflow/proto_structs.h"

namespace monolite::tensorflow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kObjectGraphKey = "_CHECKPOINTABLE_OBJECT_GRAPH";

bool has_tags(const proto::MetaGraphDef& m, const std::vector<std::string>& tags) {
  const auto& own = m.meta_info_def().tags();
  return std::all_of(tags.begin(), tags.end(),
                     [&](const std::string& t) { return std::find(own.begin(), own.end(), t) != own.end(); });
}

std::string tag_lists(const proto::SavedModel& m) {
  std::string text;
  for (const auto& graph : m.meta_graphs()) {
    text += text.empty() ? "{" : ", {";
    for (int i = 0; i < graph.meta_info_def().tags_size(); ++i) {
      text += (i == 0 ? "" : ",") + printable(graph.meta_info_def().tags(i));
    }
    text += "}";
  }
  return text;
}

std::vector<SignatureTensor> tensors_of(const google::protobuf::Map<std::string, proto::TensorInfo>& infos) {
  std::vector<SignatureTensor> tensors;
  for (const auto& [key, info] : infos) {
    tensors.push_back({key, info.name(), static_cast<DataType>(info.dtype()), shape_of(info.tensor_shape())});
  }
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return tensors;
}

Expected<proto::TrackableObjectGraph> read_objects(const Checkpoint& variables) {
  proto::TrackableObjectGraph objects;
  if (!variables.has(kObjectGraphKey)) return objects;
  ML_ASSIGN(const Tensor value, variables.read(kObjectGraphKey));
  if (value.strings.size() != 1 || !objects.ParseFromString(value.strings[0])) {
    return Unexpected(
        input_error(variables.prefix(), "an object graph that cannot be read", "a checkpoint of TensorFlow 2"));
  }
  return objects;
}

// The names that objects were saved under say which variable of the checkpoint is meant, where no two are called the
// same. What the functions' inputs are bound to says it for sure, whatever the node in the graph is called.
std::map<std::string, std::string> variable_keys(const Graph& graph, const proto::MetaGraphDef& meta,
                                                 const proto::TrackableObjectGraph& objects) {
  std::map<std::string, std::string> keys;
  for (const auto& node : objects.nodes()) {
    for (const auto& a : node.attributes()) keys[a.full_name()] = a.checkpoint_key();
  }
  for (const Node& call : graph.nodes) {
    const auto* function = call.attr<FunctionName>("f");
    if (function == nullptr) continue;
    const auto known = meta.object_graph_def().concrete_functions().find(function->name);
    if (known == meta.object_graph_def().concrete_functions().end()) continue;
    const auto& bound = known->second.bound_inputs();
    std::vector<std::string> inputs;
    std::copy_if(call.inputs.begin(), call.inputs.end(), std::back_inserter(inputs),
                 [](const std::string& input) { return !input.starts_with('^'); });
    if (static_cast<size_t>(bound.size()) > inputs.size()) continue;
    const size_t first = inputs.size() - static_cast<size_t>(bound.size());  // arguments come before
    for (int i = 0; i < bound.size(); ++i) {
      if (bound[i] < 0 || bound[i] >= objects.nodes_size() || objects.nodes(bound[i]).attributes_size() != 1) continue;
      const std::string name = parse_tensor_name(inputs[first + static_cast<size_t>(i)]).node;
      keys[name] = objects.nodes(bound[i]).attributes(0).checkpoint_key();
    }
  }
  return keys;
}

Expected<std::shared_ptr<proto::SavedModel>> read_message(const std::string& folder) {
  auto message = std::make_shared<proto::SavedModel>();
  const std::string binary = (fs::path(folder) / "saved_model.pb").string();
  const std::string text = (fs::path(folder) / "saved_model.pbtxt").string();
  std::error_code ignored;
  if (!fs::exists(binary, ignored) && fs::exists(text, ignored)) {
    ML_ASSIGN(const Buffer bytes, map_file(text));
    ML_TRY(parse_text(bytes, text, "SavedModel", *message));
    return message;
  }
  ML_ASSIGN(const Buffer bytes, map_file(binary));
  ML_TRY(parse_binary(bytes, binary, "SavedModel", *message));
  return message;
}

}  // namespace

Expected<SavedModel> read_saved_model(const std::string& folder, const std::vector<std::string>& tags) {
  ML_ASSIGN(const std::shared_ptr<proto::SavedModel> message, read_message(folder));
  const auto& graphs = message->meta_graphs();
  const auto it = std::find_if(graphs.begin(), graphs.end(), [&](const auto& m) { return has_tags(m, tags); });
  if (it == graphs.end()) {
    return Unexpected(input_error(folder, "meta graphs with the tags " + tag_lists(*message),
                                  "one with the tags asked for", "give its tags with --saved_model_tag_set"));
  }
  SavedModel model;
  ML_ASSIGN(model.graph, graph_of(it->graph_def(), message, folder));
  for (const auto& [key, signature] : it->signature_def()) {
    model.signatures[key] = {tensors_of(signature.inputs()), tensors_of(signature.outputs())};
  }
  const std::string prefix = (fs::path(folder) / "variables" / "variables").string();
  std::error_code ignored;
  if (fs::exists(prefix + ".index", ignored)) {
    ML_ASSIGN(model.variables, Checkpoint::open(prefix));
    ML_ASSIGN(const proto::TrackableObjectGraph objects, read_objects(*model.variables));
    model.variable_keys = variable_keys(model.graph, *it, objects);
  }
  return model;
}

}  // namespace monolite::tensorflow
