#pragma once
// Keeping the sampling grid that a model was trained with. SAME padding of a strided window depends on whether its
// input is even: at other sizes the maps lie elsewhere on the picture, and so does the answer.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "reshaping/sizes.h"

namespace monolite::reshaping {

// How far the maps moved on the picture, in pixels: the largest over all of them.
struct Shift {
  double y = 0, x = 0;
  bool operator==(const Shift&) const = default;
};
Shift shift_between(const std::vector<Grid>& before, const std::vector<Grid>& now);

// Pads windows by hand as they were padded before, and lets resizes take whole steps of the trained grid, cutting what
// is too much. `before` is the graph at the size that it was trained for; nodes stand as they did.
//
// Errors: a pool that would need another padding than the one it has.
Expected<void> keep_grid(Model& model, const Before& before, std::vector<std::string>& changes);

}  // namespace monolite::reshaping
