#pragma once
// Models whose picture may be of any size (-1 in the file): nothing in them is made for one size, so that stating one
// is all there is to do.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "reshaping/reshape.h"

namespace monolite::reshaping {

// The one input of four dimensions whose height or width is open; kNoTensor where there is none, or several.
TensorId open_picture(const Model& model);

// Writes the sizes asked for, and all shapes that follow. The batch stays open unless one is asked for.
//
// Errors: an output stride is asked for; a side is open and not given; a size that the net does not compute, with one
// near it that it does.
Expected<Outcome> state_sizes(Model& model, TensorId picture, const Request& request);

}  // namespace monolite::reshaping
