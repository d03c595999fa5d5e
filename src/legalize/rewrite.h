#pragma once
// A rewrite: what it matches in a graph, what it makes of it, and how sure it is that the numbers stay.

#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/infer_shapes.h"

namespace monolite::legalize {

// What the reference kernels give after a rewrite, beside what they gave before.
enum class Proof {
  exact,        // the same bits for every input
  one_lsb,      // the rewritten node's output differs by at most one step of its quantization
  approximate,  // close; verification says how close
};

// "exact", "<= 1 LSB", "approximate".
std::string_view to_string(Proof proof);

// The node to be rewritten, in a model that may be changed.
struct Site {
  Model& model;  // the rewrite works on its first graph
  size_t index;  // of the node
  const ops::Inference& inference;
  bool keep_io = false;  // the model's inputs and outputs keep their types

  Graph& graph() const { return model.main(); }
  const Node& node() const { return model.main().nodes[index]; }
  TensorId input(size_t i) const { return i < node().inputs.size() ? node().inputs[i] : kNoTensor; }
  TensorId output(size_t i = 0) const { return i < node().outputs.size() ? node().outputs[i] : kNoTensor; }
  const Tensor& tensor(TensorId id) const { return model.main().tensor(id); }
  // Are the shapes of the node's first `inputs` inputs and of its first output known?
  bool has_shapes(size_t inputs = 1) const;
  // As it is when the graph runs, for tensors that were there before the rewrite.
  const Shape& shape(TensorId id) const { return inference.states[static_cast<size_t>(id)].shape; }
  // The values of a constant int32 or int64 tensor; empty where it is none.
  std::vector<int64_t> ints(TensorId id) const;
  // The one node that reads `id`, or -1 where there are others or the graph gives it out.
  int only_reader(TensorId id) const;
};

// What a rewrite did.
struct Applied {
  Proof proof = Proof::exact;
  // Of one proof class the form with less of it wins: what it adds by roundings, in steps of the output.
  double added_error = 0;
  std::string note;  // what became of the node, with its sizes
  // What the model's user sees of it: "output 0 is int32, was int64"; "" where nothing.
  std::string interface_change;
  int64_t pixels_before = 0, pixels_after = 0;  // of the picture that the node writes; 0 where they say nothing
  std::string warning;
};

// Why a rewrite leaves a node alone; "" where it is simply made for others.
struct NoMatch {
  std::string why;
};
using Outcome = tl::expected<Applied, NoMatch>;

struct Rewrite {
  std::string_view name;
  std::string_view summary;  // a line for people
  Proof proof;               // the best that it can promise; Applied::proof is what it promises at one site
  std::vector<OpCode> ops;   // the nodes that it starts at; empty: any
  Outcome (*apply)(const Site& site);
};

// All rewrites, in the order in which they are tried; see all.inc.
const std::vector<const Rewrite*>& all_rewrites();

inline tl::unexpected<NoMatch> no_match(std::string why = {}) {
  return tl::unexpected<NoMatch>(NoMatch{std::move(why)});
}

}  // namespace monolite::legalize
