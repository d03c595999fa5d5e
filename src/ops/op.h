#pragma once
// What an op is: one definition in one file, ops/<op>.cpp, listed in ops/all.inc.

#include <functional>
#include <span>
#include <string_view>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/copies.h"
#include "ops/node_view.h"

namespace monolite::ops {

// What computing a node takes. One multiply-accumulate is one MAC; bytes are counted elsewhere, from the tensors.
// Visits are what a kernel looks at more often than once for each element of its tensors, without multiplying: the
// pixels of a pool's windows.
struct Cost {
  int64_t macs = 0, visits = 0;
};

// The struct of an op whose options table has no fields.
struct NoAttributes {
  template <class V>
  void visit(V&&) {}
};

struct OpDef {
  OpCode code = OpCode::CUSTOM;
  std::string_view custom_code;  // code == CUSTOM
  std::string_view options;      // the options table's name; empty where the op has none
  // May the node stand in a graph? Called with the inputs' shapes known; checks all that the functions below rely on,
  // also that the types are ones that `reference` computes.
  std::function<Expected<void>(const NodeView&)> verify;
  // The outputs' shapes from the inputs' shapes, and from the values of those inputs that say so.
  std::function<Expected<Shapes>(const NodeView&)> infer;
  std::function<Cost(const NodeView&)> cost;
  // Computes the outputs. The definition of what every faster kernel must give.
  std::function<Expected<void>(const Evaluation&)> reference;
  // The same as copies, for an op that only moves elements; null for the others.
  //
  // Errors: ErrorKind::not_constant where a value that says from where to where is not known yet.
  std::function<Expected<Copies>(const NodeView&)> copies;
  // The fields of the attribute struct and their defaults, for tests against the schema.
  std::function<Attributes()> defaults;
};

// An op's functions, taking its attribute struct A (which names the schema's fields in `visit`).
template <class A>
struct TypedOp {
  OpCode code = OpCode::CUSTOM;
  std::string_view custom_code;
  std::string_view options;
  Expected<void> (*verify)(const NodeView&, const A&);
  Expected<Shapes> (*infer)(const NodeView&, const A&);
  Cost (*cost)(const NodeView&, const A&) = nullptr;                   // none: no MACs
  Expected<void> (*reference)(const Evaluation&, const A&) = nullptr;  // none: the copies, one by one
  Expected<Copies> (*copies)(const NodeView&, const A&) = nullptr;
};

template <class A>
OpDef define(TypedOp<A> op) {
  OpDef d;
  d.code = op.code;
  d.custom_code = op.custom_code;
  d.options = op.options;
  d.verify = [op](const NodeView& n) { return op.verify(n, n.attributes<A>()); };
  d.infer = [op](const NodeView& n) { return op.infer(n, n.attributes<A>()); };
  d.cost = [op](const NodeView& n) { return op.cost == nullptr ? Cost{} : op.cost(n, n.attributes<A>()); };
  if (op.copies != nullptr) {
    d.copies = [op](const NodeView& n) { return op.copies(n, n.attributes<A>()); };
  }
  if (op.reference != nullptr) {
    d.reference = [op](const Evaluation& n) { return op.reference(n, n.attributes<A>()); };
  } else {
    d.reference = [op](const Evaluation& n) -> Expected<void> {
      ML_ASSIGN(const Copies copies, op.copies(n, n.attributes<A>()));
      make_copies(n, copies);
      return {};
    };
  }
  d.defaults = [op] {
    Attributes all{std::string(op.options)};
    set_attributes(all, A{});
    return all;
  };
  return d;
}

// The definition of a node's op, or nullptr: such a node is read, shown and written, but not run.
const OpDef* find_op(const Node& node);

// All definitions, in the order of all.inc.
std::span<const OpDef* const> all_ops();

}  // namespace monolite::ops
