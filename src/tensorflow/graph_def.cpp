#include "tensorflow/graph_def.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <climits>

#include "base/file.h"
#include "tensorflow/proto_structs.h"

namespace monolite::tensorflow {

Expected<Graph> parse_graph_def(const Buffer& bytes, const std::string& name) {
  auto message = std::make_shared<proto::GraphDef>();
  ML_TRY(looks_like_text(bytes) ? parse_text(bytes, name, "GraphDef", *message)
                                : parse_binary(bytes, name, "GraphDef", *message));
  if (message->node_size() == 0) {
    return Unexpected(input_error(name, "no nodes", "a GraphDef: a frozen TensorFlow graph, .pb or .pbtxt",
                                  "a SavedModel is given as its folder, with --saved_model_dir"));
  }
  return graph_of(*message, message, name);
}

Expected<Graph> read_graph_def(const std::string& path) {
  ML_ASSIGN(const Buffer bytes, map_file(path));
  return parse_graph_def(bytes, path);
}

Expected<std::vector<std::byte>> serialize_graph_def(const Graph& graph) {
  proto::GraphDef message;
  set_graph(message, graph);
  const size_t size = message.ByteSizeLong();
  if (size > INT_MAX)
    return Unexpected(input_error("", "a graph of more than 2 GiB", "less: it is the format's limit"));
  std::vector<std::byte> bytes(size);
  google::protobuf::io::ArrayOutputStream stream(bytes.data(), static_cast<int>(size));
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&coded);
  return bytes;
}

Expected<std::string> print_graph_def(const Graph& graph) {
  proto::GraphDef message;
  set_graph(message, graph);
  std::string text;
  if (!google::protobuf::TextFormat::PrintToString(message, &text)) {
    return Unexpected(Error{ErrorKind::internal, "", "a graph that cannot be printed", "", ""});
  }
  return text;
}

}  // namespace monolite::tensorflow
