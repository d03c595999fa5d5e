#pragma once
// What passes ask about a lowered graph when they look for a pattern.

#include <optional>

#include "convert/uses.h"

namespace monolite::conversion {

// The only element of a float32 constant.
std::optional<float> scalar(const Graph& graph, TensorId id);

// No fused activation?
bool is_plain(const Node& node);

// Who made what, through the FAKE_QUANT nodes that stand between in a graph with trained ranges.
class Makers {
 public:
  explicit Makers(Graph& graph) : g_(graph), uses_(graph) {}

  // The node that computes `id`, or nullptr; with `op`, only one of that kind.
  const Node* of(TensorId id);
  const Node* of(TensorId id, OpCode op);
  // What stands before the FAKE_QUANT nodes that `id` has passed.
  TensorId before_ranges(TensorId id);
  bool is_same(TensorId a, TensorId b) { return before_ranges(a) == before_ranges(b); }

 private:
  Graph& g_;
  Uses uses_;
};

// What a tree of MULs, of NEGs and of DIVs by constants multiplies.
struct Product {
  double constant = 1;
  std::vector<TensorId> factors;
};

// The product that tensor `id` is, `stops` taken as factors however they are made; nothing where it has more than
// `most` factors, or divides by what is no constant. A tensor that no such node makes is a product of one factor.
std::optional<Product> product_of(const Graph& graph, Makers& makers, TensorId id, size_t most,
                                  const std::vector<TensorId>& stops);

// All tensors but single constants that stand somewhere in that tree, as they are before FAKE_QUANT nodes.
std::vector<TensorId> parts_of_product(const Graph& graph, Makers& makers, TensorId id);

// A node with one output in the place of `node`.
void replace(Node& node, OpCode op, std::vector<TensorId> inputs, const char* table);

}  // namespace monolite::conversion
