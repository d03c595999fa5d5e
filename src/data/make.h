#pragma once
// A user's own pictures and masks become a data set.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite::data {

struct MakeRequest {
  std::string images, masks;  // folders with files of equal names; where `images` has folders train, val, …, splits
  std::string labels;  // the file of label_file.h; a class named "ignore" or "void" is not one, but what is ignored
  bool by_palette = false;  // palette PNGs are told by their colours, not by their indices
  int ignore_label = 255;
  bool ignore_unknown = false;  // colours of no class are ignored instead of refused
  double val_share = 0.1, test_share = 0;
  bool as_records = false;                                 // TFRecords instead of files
  int shards = 1;                                          // of each split
  std::string folder;                                      // made; must not hold anything
  std::function<void(int64_t done, int64_t of)> progress;  // may be empty
};

struct Made {
  struct Class {
    std::string name;
    int64_t pixels = 0, pictures = 0;  // that have it
  };
  std::vector<Class> classes;
  std::map<std::string, int64_t> splits;  // how many pictures each has
  int64_t pixels = 0, ignored = 0;
  std::vector<std::string> remarks;
};

// Copies the pictures, writes masks of labels (palette PNGs in the classes' colours), and dataset.json last. Which
// picture is in which split depends on its name alone.
//
// A mask is read as it stands where it is a grey or palette PNG, by colours where it is a colour picture: the label
// file's, or PASCAL's where it has none; a colour picture that is all grey may hold labels as grey.
//
// Errors: a folder that is not empty; a picture without a mask; a mask of another size; a label that is no class;
// colours of no class, all of them with the first file that has each.
Expected<Made> make_dataset(const MakeRequest& request);

}  // namespace monolite::data
