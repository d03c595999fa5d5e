#pragma once
// Samples of a data set on one picture.

#include <span>
#include <string>

#include "base/expected.h"
#include "data/dataset.h"
#include "image/image.h"

namespace monolite::data {

// Pictures, each with its labels drawn over beside it, their names, and a legend of the classes that are seen.
//
//   first, count  which samples; count is at most 100
//   names, colors  by label
//
// Errors: those of the source, of a label out of range.
Expected<image::Image> draw_samples(const Dataset& dataset, int64_t first, int count,
                                    std::span<const std::string> names, std::span<const image::Color> colors);

}  // namespace monolite::data
