#pragma once
// Model -> .tflite bytes.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::tflite {

// The bytes of a file that holds the model. Equal buffers are stored once; order of tensors and nodes stays.
//
// Errors: more than 2 GiB in the flatbuffer; options of a kind that the schema does not know.
Expected<std::vector<std::byte>> write(const Model& model);

// write(), to a file that appears whole or not at all.
Expected<void> write_file(const Model& model, const std::string& path);

}  // namespace monolite::tflite
