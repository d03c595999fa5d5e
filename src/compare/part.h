#pragma once
// The first tensor where two runs part.

#include <optional>
#include <span>
#include <string>

#include "base/expected.h"
#include "compare/values.h"
#include "ir/graph.h"

namespace monolite::compare {

struct Parting {
  int node_a = -1, node_b = -1;  // the nodes that made it
  std::string op, name;          // of the first model
  Difference difference;
};

struct Search {
  int compared = 0;              // tensors that were
  std::optional<Parting> first;  // nothing: they agree in all
};

// Runs both models on the reference backend and compares the outputs of nodes that go together, in the order of the
// second. Floats agree within `tolerance` of the largest.
//
// Errors: what running gives; more than kMostLiveBytes (ops/limits.h) of tensors to compare.
Expected<Search> first_parting(const Model& a, std::span<const ops::Value> inputs_a, const Model& b,
                               std::span<const ops::Value> inputs_b, double tolerance);

// Compares the reference backend with the fast one: the model is cut behind ever fewer nodes, which leaves fusions as
// they are up to the cut. Tensors in front of the first that parts are taken to agree.
Expected<Search> first_parting_of_backends(const Model& model, std::span<const ops::Value> inputs, double tolerance);

}  // namespace monolite::compare
