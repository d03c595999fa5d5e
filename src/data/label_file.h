#pragma once
// A file of class names, with or without colours.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "image/image.h"

namespace monolite::data {

struct LabelLine {
  std::string name;
  std::optional<image::Color> color;
};

// One class a line, in the order of the labels: "road", "road 128 64 128", "road,128,64,128" or "road:128,64,128::" (as
// CVAT writes it). Lines that begin with # and a first line "name,r,g,b" are passed over.
//
// Errors: no class, more than 256; colours that only some lines have; two classes of one colour. `name` stands in
// messages.
Expected<std::vector<LabelLine>> parse_label_file(std::string_view text, const std::string& name);

}  // namespace monolite::data
