#pragma once
// The labels that a model carries.

#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "tasks/labels.h"

namespace monolite {

// The packed file that the metadata names for an output, or one that is called so. What is broken becomes a remark.
std::optional<tasks::Labels> own_labels(const Model& model, std::vector<std::string>& remarks);

}  // namespace monolite
