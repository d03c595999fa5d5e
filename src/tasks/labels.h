#pragma once
// Names for the numbers that a model gives.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "image/image.h"

namespace monolite::tasks {

// The lists of src/tasks/labels/, one name a line.
extern const char* const kPascalLabels;      // 21, the first is the background
extern const char* const kCityscapesLabels;  // 19 training labels
extern const char* const kAde20kLabels;      // 150, without a background
extern const char* const kCocoLabels;        // 90, by category number less one; unused numbers are empty
extern const char* const kImagenetLabels;    // 1000

struct Labels {
  std::vector<std::string> names;  // by label; empty ones have no name
  std::string source;              // "built in: PASCAL VOC", or a file's name

  // "cat", or "label 7" where there is no name.
  std::string name(int64_t label) const;
  // The label that stands for nothing in particular: 0 where its name says so, or -1.
  int background() const;
};

// A label file: one name a line, in order, or lines of a number and a name ("15 person", "15: person"); or a label map
// of TensorFlow's detection models (item { id: 1 name: "person" }). Names that could harm a terminal are mended.
Labels parse_labels(std::string_view text, std::string source);
Expected<Labels> read_labels(const std::string& path);

// The names of the data set that has so many classes: 21 PASCAL VOC, 19 Cityscapes, 150 ADE20K, 151 and 32 ADE20K with
// a background first (32: MLPerf's choice, the 31 most frequent), 1000 and 1001 ImageNet. No names for other numbers.
Labels built_in_labels(int64_t classes);
// For detection models, whose labels leave the background out: 90 and 91 COCO, 20 PASCAL VOC.
Labels built_in_detection_labels(int64_t classes);

// The same names for a model with so many classes: a background at the front is dropped or added where that, and
// nothing else, makes their number right.
Labels fit_labels(Labels labels, int64_t classes);

// Colours by label: the data set's own where the number of classes tells which it is, others that differ well
// elsewhere.
std::vector<image::Color> colors_for(int64_t classes);

}  // namespace monolite::tasks
