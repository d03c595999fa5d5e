#pragma once
// How a comparison of two models is shown, for verbs that rewrite one.

#include "json.h"
#include "monolite/verified.h"

namespace monolite::cli {

Json to_json(const Verified& verified);

// "verified on cat.jpg, reference backend:" and a line an output; or why nothing was run.
void print_verified(const Verified& verified);

}  // namespace monolite::cli
