#include "reshaping/batch.h"

#include <fmt/format.h>

#include "ir/builder.h"
#include "ops/concatenation.h"

namespace monolite::reshaping {
namespace {

// Nodes are appended to a graph of their own list, to be put in the place of the old one.
class Splitter {
 public:
  Splitter(Graph& graph, int32_t pictures) : graph_(graph), pictures_(pictures) {}

  void split(const Node& detection) {
    const auto boxes = parts(detection.inputs[0]), scores = parts(detection.inputs[1]);
    std::vector<std::vector<TensorId>> outputs(detection.outputs.size());
    for (int32_t p = 0; p < pictures_; ++p) {
      Node one = detection;
      const auto i = static_cast<size_t>(p);
      one.inputs = {boxes[i], scores[i], detection.inputs[2]};
      for (size_t k = 0; k < outputs.size(); ++k) {
        one.outputs[k] = like(detection.outputs[k], p);
        outputs[k].push_back(one.outputs[k]);
      }
      made_.push_back(std::move(one));
    }
    for (size_t k = 0; k < outputs.size(); ++k) join(outputs[k], detection.outputs[k]);
  }
  std::vector<Node> take() { return std::move(made_); }

 private:
  TensorId like(TensorId id, int32_t picture) {
    Tensor t;
    t.name = fmt::format("{}_{}", graph_.tensor(id).name, picture);
    t.dtype = graph_.tensor(id).dtype;
    t.quantization = graph_.tensor(id).quantization;
    return graph_.add(std::move(t));
  }

  std::vector<TensorId> parts(TensorId whole) {
    Tensor axis{.name = graph_.tensor(whole).name + "_axis", .dtype = DType::int32};
    axis.data = Buffer::of(std::vector<int32_t>{0});
    Node n{.op = OpCode::SPLIT};
    n.inputs = {graph_.add(std::move(axis)), whole};
    for (int32_t p = 0; p < pictures_; ++p) n.outputs.push_back(like(whole, p));
    n.attributes.set_table("SplitOptions");
    n.attributes.set("num_splits", int64_t{pictures_});
    made_.push_back(n);
    return n.outputs;
  }

  void join(const std::vector<TensorId>& from, TensorId to) {
    Node n{.op = OpCode::CONCATENATION, .inputs = from, .outputs = {to}};
    n.attributes.set_table("ConcatenationOptions");
    set_attributes(n.attributes, ops::Concatenation{});
    n.attributes.set("axis", int64_t{0});
    made_.push_back(std::move(n));
  }

  Graph& graph_;
  int32_t pictures_;
  std::vector<Node> made_;
};

}  // namespace

Expected<void> split_detection(Graph& graph, size_t node, int32_t pictures) {
  const Node detection = graph.nodes[node];
  const auto where = fmt::format("node {} {}", node, op_name(detection));
  if (pictures > kMostPictures) {
    return Unexpected(
        usage_error("--batch", std::to_string(pictures),
                    fmt::format("at most {} for a detector: each picture has nodes of its own", kMostPictures)));
  }
  if (detection.inputs.size() != 3 || detection.outputs.size() != 4) {
    return Unexpected(input_error(where, "another number of inputs or outputs", "3 and 4"));
  }
  Splitter splitter(graph, pictures);
  splitter.split(detection);
  auto made = splitter.take();
  const auto at = graph.nodes.begin() + static_cast<std::ptrdiff_t>(node);
  graph.nodes.insert(graph.nodes.erase(at), made.begin(), made.end());
  return {};
}

}  // namespace monolite::reshaping
