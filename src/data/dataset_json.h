#pragma once
// dataset.json: what is in a data set of a user's own, in the folder of that name.
//
//   {"format": "monolite-dataset", "version": 1, "ignore_label": 255,
//    "classes": [{"name": "road", "color": [128, 64, 128]}, …],
//    "splits": {"train": [{"image": "images/a.jpg", "mask": "masks/a.png"}, …],
//               "val": {"records": ["val-00000-of-00001.tfrecord"]}}}
//
// Files are named from the folder on.

#include <map>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/files.h"

namespace monolite::data {

struct ClassName {
  std::string name;
  image::Color color;
};

struct Description {
  std::vector<ClassName> classes;
  int ignore_label = 255;  // -1: none
  struct Split {
    std::vector<FilePair> pairs;
    std::vector<std::string> records;  // either these or pairs
  };
  std::map<std::string, Split> splits;
};

inline constexpr const char* kDescriptionFile = "dataset.json";

// Reads FOLDER/dataset.json; its files get the folder before them. Errors: missing, no JSON, another structure.
Expected<Description> read_description(const std::string& folder);

// The text of a dataset.json, with the files as they are named.
std::string description_text(const Description& description);

}  // namespace monolite::data
