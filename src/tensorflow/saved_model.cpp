#include "tensorflow/saved_model.h"

#include <algorithm>
#include <filesystem>

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

Expected<std::map<std::string, std::string>> object_graph_keys(const Checkpoint& variables) {
  std::map<std::string, std::string> keys;
  if (!variables.has(kObjectGraphKey)) return keys;
  ML_ASSIGN(const Tensor value, variables.read(kObjectGraphKey));
  proto::TrackableObjectGraph objects;
  if (value.strings.size() != 1 || !objects.ParseFromString(value.strings[0])) {
    return Unexpected(
        input_error(variables.prefix(), "an object graph that cannot be read", "a checkpoint of TensorFlow 2"));
  }
  for (const auto& node : objects.nodes()) {
    for (const auto& a : node.attributes()) keys[a.full_name()] = a.checkpoint_key();
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
    ML_ASSIGN(model.variable_keys, object_graph_keys(*model.variables));
  }
  return model;
}

}  // namespace monolite::tensorflow
