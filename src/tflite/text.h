#pragma once
// A model as text that a person can read and change, and back: nothing is lost, every bit of every buffer and scale
// comes back. JSON; what JSON can't say is said in words of its own:
//
//   bytes           {"base64": "…"}; also text that is no UTF-8. With "id": n where tensors share them, the others have
//                   {"id": n} alone
//   a float's bits  a number where it is finite, else {"bits": 2143289344}
//   real options    {"real": …}, {"reals": […]}, to be told from whole ones

#include <string>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::tflite {

std::string to_text(const Model& model);

// The model that a text describes. `name` stands in messages. What the text says of tensors and nodes is checked as a
// file's is: when it was written and read again.
//
// Errors: no JSON, a field that is missing or of another kind, a wrong index.
Expected<Model> from_text(const std::string& text, const std::string& name);

}  // namespace monolite::tflite
