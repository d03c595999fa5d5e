#pragma once
// What two models are compared on: files that a user names, or values that are made up.

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/evaluate.h"

namespace monolite {

struct VerificationInputs {
  std::vector<std::vector<ops::Value>> sets;  // one value for each input of the model, as often as it is to run
  std::string said;                           // "cat.jpg", "3 made-up inputs"
};

// Pictures and .npy files as inputs. A model of one input runs once on each file; one of several takes as many files as
// it has inputs, in order.
//
// Errors: a file that cannot be used, or another number of files.
Expected<VerificationInputs> inputs_from_files(const Model& model, const std::vector<std::string>& files);

// Values of each input's type: one set for a large model, three for others.
Expected<VerificationInputs> made_up_inputs(const Model& model, int64_t macs);

}  // namespace monolite
