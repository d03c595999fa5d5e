// Any bytes as the log of a device: an error, or what it says, compared with what a target's rules predict.
#include "delegates/observed.h"
#include "ir/builder.h"

namespace {

using namespace monolite;

Model three_nodes() {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  TensorId last = g.input("x", DType::float32, {1, 4, 4, 3});
  for (const OpCode op : {OpCode::RELU, OpCode::ARG_MAX, OpCode::ABS}) {
    const auto next = g.tensor("after " + std::to_string(last), DType::float32, {1, 4, 4, 3});
    g.node(op, {last}, {next});
    last = next;
  }
  g.output(last);
  return model;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Model model = three_nodes();
  static const delegates::GraphContext graph(model);
  static const delegates::Verdict verdict = delegates::check(graph, delegates::all_targets()[0]);
  const auto observed = delegates::parse_observed({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (observed) (void)delegates::compare(graph, verdict, *observed);
  return 0;
}
