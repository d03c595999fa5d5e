#pragma once
// The data set that the flags name: what is trained on, what is validated on.

#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace monolite::train {

// No class has this label: there are 255 classes at most.
inline constexpr int kPaddingLabel = 255;

struct Dataset {
  std::unique_ptr<data::Source> train, validation;
  std::string description;
  int classes = 0;
  int ignore_label = kPaddingLabel;
  std::vector<std::string> names;  // of the classes; may be empty
};

//   validation_split  "": none
//
// Errors: those of data::open_dataset(); a set that does not tell the number of classes, where the request does not.
Expected<Dataset> open_dataset(const data::DatasetRequest& request, const std::string& validation_split);

}  // namespace monolite::train
