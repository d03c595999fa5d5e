// Any bytes: no GraphDef, or a graph; the graph converts, or there is an error.
#include "tensorflow/graph_def.h"
#include "convert/convert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const auto graph = tensorflow::parse_graph_def(Buffer::copy_of(std::as_bytes(std::span(data, size))), "fuzz");
  if (!graph) return 0;
  (void)conversion::convert(*graph, {.allow_custom_ops = true});
  (void)conversion::convert(
      *graph,
      {.type = conversion::InferenceType::uint8, .means = {128}, .std_devs = {128}, .default_range = {{0.0, 6.0}}});
  return 0;
}
