#pragma once
// Between NumPy's arrays and a model's values.

#include <optional>

#include "base/expected.h"
#include "image/npy.h"
#include "ops/evaluate.h"

namespace monolite::tasks {

// Errors: a type that no tensor has, an extent above 2^31 - 1. `name` stands in messages.
Expected<ops::Value> to_value(const image::NpyArray& array, const std::string& name);

// Nothing for types that NumPy does not have: strings, int4, bfloat16, ….
std::optional<image::NpyArray> to_npy(const ops::Value& value);

}  // namespace monolite::tasks
