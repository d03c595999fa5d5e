#pragma once
// .tflite bytes -> Model.

#include <string>

#include "base/buffer.h"
#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::tflite {

// The model in a file. Constants are views of the mapped file, not copies.
//
// Errors: the file is missing or no .tflite; an offset, index or length in it points outside; a constant's bytes do not
// match its shape and type. Which op is used how is not judged here: see ops/verify_graph.h.
Expected<Model> read_file(const std::string& path);

// The same for bytes in memory. `name` stands in messages.
Expected<Model> read(Buffer bytes, const std::string& name);

}  // namespace monolite::tflite
