#pragma once
// How much computing a node takes, to refuse what would run for hours.

#include <cstdint>
#include <initializer_list>

#include "base/expected.h"
#include "ops/node_view.h"
#include "ops/op.h"

namespace monolite::ops {

// The product of numbers of 0 and more; INT64_MAX where it is beyond that.
int64_t saturated_product(std::initializer_list<int64_t> factors);

// The most that any of these counts: MACs, visits (see Cost), the extents of an input or an output multiplied, where 0
// counts as 1: loops over the outer extents of an empty tensor take their time too. All shapes must be known.
int64_t work(const NodeView& node);

// Adds up the work of one inference.
class WorkMeter {
 public:
  // Counts a node's work, `least` at least.
  //
  // Errors: with this node it is more than kMostWork.
  Expected<void> add(const NodeView& node, int64_t least = 0);

 private:
  int64_t total_ = 0;
};

// Computes a node with its op's reference kernel. Where no output has an element there is nothing to compute.
Expected<void> compute(const Evaluation& node);

}  // namespace monolite::ops
