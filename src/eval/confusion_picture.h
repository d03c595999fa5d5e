#pragma once
// A confusion matrix as a picture.

#include <span>
#include <string>

#include "eval/confusion.h"
#include "image/image.h"

namespace monolite::eval {

// A square a pair of classes, the darker the larger its share of the row's pixels; classes' names left and above, their
// IoU at the right. Percentages are written in where there is room (few classes).
image::Image draw(const Confusion& confusion, std::span<const std::string> names);

}  // namespace monolite::eval
