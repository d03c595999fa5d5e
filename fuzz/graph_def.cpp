// Any bytes as a GraphDef, binary or text: what is read is written, and that reads back the same. Small graphs are
// converted, in each of the three ways.
#include <cstdlib>
#include <variant>

#include "convert/convert.h"
#include "fail.h"
#include "tensorflow/graph_def.h"

namespace {

using namespace monolite;

constexpr size_t kMostNodes = 64;
constexpr size_t kMostConstantBytes = 1 << 16;

// Is it small enough to convert some thousand times a minute?
bool is_small(const tensorflow::Graph& graph) {
  if (graph.nodes.size() > kMostNodes) return false;
  size_t bytes = 0;
  for (const tensorflow::Node& node : graph.nodes) {
    for (const auto& [key, value] : node.attrs) {
      if (const auto* t = std::get_if<tensorflow::Tensor>(&value)) bytes += t->data.size_bytes();
    }
  }
  return bytes <= kMostConstantBytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto graph = tensorflow::parse_graph_def(Buffer::copy_of(std::as_bytes(std::span(data, size))), "fuzz");
  if (!graph || !is_small(*graph)) return 0;
  const auto once = tensorflow::serialize_graph_def(*graph);
  if (!once) return 0;
  const auto again = tensorflow::parse_graph_def(Buffer::copy_of(*once), "again");
  if (!again) fuzz::fail("not read again:", to_string(again.error()));
  const auto twice = tensorflow::serialize_graph_def(*again);
  if (!twice || *twice != *once) std::abort();
  for (const auto type :
       {conversion::InferenceType::float32, conversion::InferenceType::uint8, conversion::InferenceType::int8}) {
    conversion::Request request;
    request.type = type;
    request.default_range = {0, 6};
    request.allow_custom_ops = true;
    (void)conversion::convert(*graph, request);
  }
  return 0;
}
