#pragma once
// Protobuf messages <-> the structs of graph.h. Only this folder's .cpp files include it.

#include <memory>
#include <string>

#include "base/buffer.h"
#include "base/expected.h"
#include "tensorflow/proto/graph.pb.h"
#include "tensorflow/graph.h"

namespace monolite::tensorflow {

// What reading may spend on constants that a file abbreviates.
inline constexpr int64_t kMostExpandedBytes = int64_t{1} << 30;

// Parses binary bytes into `message`. Protobuf's own messages on stderr are switched off.
Expected<void> parse_binary(const Buffer& bytes, const std::string& name, const char* kind,
                            google::protobuf::Message& message);
// Parses the text form; errors name line and column. What the message does not know is skipped.
Expected<void> parse_text(const Buffer& bytes, const std::string& name, const char* kind,
                          google::protobuf::Message& message);
// Is it text? Binary messages hold control characters from their first fields on.
bool looks_like_text(const Buffer& bytes);

// `owner` keeps the message alive: constants are views of its memory.
Expected<Graph> graph_of(const proto::GraphDef& message, const std::shared_ptr<const void>& owner,
                         const std::string& name);
PartialShape shape_of(const proto::TensorShapeProto& message);
void set_shape(proto::TensorShapeProto& message, const std::vector<int64_t>& dims);
void set_graph(proto::GraphDef& message, const Graph& graph);

// The number of elements; nothing where an extent is negative or the product passes 2^40.
std::optional<int64_t> checked_elements(const std::vector<int64_t>& dims);

}  // namespace monolite::tensorflow
