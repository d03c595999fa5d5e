#pragma once
// What a file holds that our schema has no name for: fields of a newer schema.

#include <string>
#include <vector>

#include "base/buffer.h"

namespace monolite::tflite {

// "Operator, field 17", each once, sorted; "Operator, options of kind 131" where a newer op's options lie. The format
// states neither type nor size of such a field: it can be named, not kept. `file` is one that read() took.
std::vector<std::string> unknown_fields(const Buffer& file);

}  // namespace monolite::tflite
