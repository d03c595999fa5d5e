#pragma once
// Two graphs in one, so that what they have in common is computed once.

#include <map>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::legalize {

class Merger {
 public:
  // The model that has been put together so far.
  Model take() { return std::move(model_); }
  Graph& graph() { return model_.graphs.front(); }

  // A new input of the merged model, of `like`'s type.
  TensorId add_input(const Tensor& like);

  // Adds the nodes of a model's first graph; `inputs` are tensors of the merged graph that stand for its own. A node
  // that is there already, with the same inputs and options, is not added again. Returns its outputs.
  //
  // Errors: a node that runs another subgraph.
  Expected<std::vector<TensorId>> add(const Model& model, const std::vector<TensorId>& inputs);

  // `from` under the type and quantization of `like`, by QUANTIZE, DEQUANTIZE or CAST; `from` itself where both agree.
  TensorId convert(TensorId from, const Tensor& like);

 private:
  TensorId constant(const Tensor& tensor);
  void add_node(const Graph& from, const Node& node, std::vector<TensorId>& ids);

  Model model_{.graphs = std::vector<Graph>(1)};
  std::map<std::string, std::vector<TensorId>> nodes_;  // what a node computes -> its outputs
  std::multimap<std::string, TensorId> constants_;      // a digest of the elements -> tensors
};

}  // namespace monolite::legalize
