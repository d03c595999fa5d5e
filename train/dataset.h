#pragma once
// The data set that the flags name.

#include <memory>
#include <string>

#include "feeder.h"

namespace monolite::train {

struct DatasetRequest {
  std::string name;    // "scenes"
  std::string folder;  // of the others
  std::string split = "train";
  std::string validation_split;   // "": none
  int height = 513, width = 513;  // the crop's: what is made is made in that size
};

struct Dataset {
  std::unique_ptr<Source> train, validation;
  int classes = 0;
  int ignore_label = 255;
};

// Errors: an unknown name or split, a folder without data.
Expected<Dataset> open_dataset(const DatasetRequest& request);

}  // namespace monolite::train
