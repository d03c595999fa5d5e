#pragma once
// What a model gave elsewhere, from files.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ops/evaluate.h"

namespace monolite {

// A .npy (one output), a PNG of labels, raw bytes as benchmark_model's --output_filepath writes them (all outputs of
// `like`, one behind the other), or a folder of 0.npy, 1.npy, …
//
// Errors: a file that cannot be used; another number of bytes than the outputs have.
Expected<std::vector<ops::Value>> read_device_outputs(const std::string& path, const std::vector<ops::Value>& like);

}  // namespace monolite
