#include "convert/interpret.h"

#include "convert/lowering.h"
#include "convert/passes.h"

namespace monolite::conversion {

Expected<std::vector<ops::Value>> run_graph(const tensorflow::Graph& graph, const std::vector<Feed>& feeds,
                                            const std::vector<std::string>& outputs) {
  LoweringOptions options;
  std::vector<std::string> inputs;
  std::vector<ops::Value> values;
  for (const Feed& f : feeds) {
    inputs.push_back(f.tensor);
    options.input_shapes.push_back({tensorflow::parse_tensor_name(f.tensor).node, f.value.shape});
    values.push_back(f.value);
  }
  ML_ASSIGN(const NodeIndex index, NodeIndex::of(graph));
  ML_ASSIGN(const Selection selection, select(index, inputs, outputs));
  Lowering lowering(options);
  ML_TRY(lowering.run(selection, index));
  fuse_gelu(lowering.lowered());  // the error function has no kernel of its own
  return ops::evaluate(lowering.lowered().model, values);
}

}  // namespace monolite::conversion
