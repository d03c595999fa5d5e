#pragma once
// A user's own pictures and masks as a data set for training and evaluation; a look at any data set.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct MakeDatasetOptions {
  std::string images, masks, labels, out;  // see docs/dataset.md
  bool palette = false;                    // palette PNGs are told by their colours, not by their indices
  int ignore_label = 255;
  bool ignore_unknown = false;
  double val_share = 0.1, test_share = 0;
  bool tfrecord = false;
  int shards = 1;
  std::function<void(int64_t done, int64_t of)> progress;  // may be empty
};

struct MakeDatasetReport {
  std::string folder;
  struct Class {
    std::string name;
    int64_t pixels = 0, pictures = 0;
  };
  std::vector<Class> classes;
  std::vector<std::pair<std::string, int64_t>> splits;  // and how many pictures they have
  int64_t pixels = 0, ignored = 0;
  std::vector<std::string> remarks;
};

// Writes a folder with pictures, masks (or TFRecords), labels.txt and, last, dataset.json.
//
// Errors: a picture without a mask, a mask of another size, labels and colours that are no class, a folder that is not
// empty; each with the file's name.
Expected<MakeDatasetReport> make_dataset(const MakeDatasetOptions& options);

struct ShowDatasetOptions {
  std::string dataset, dataset_dir, images, masks, split = "train";  // as EvalSegmentationOptions has them
  std::optional<int> num_classes, ignore_label;
  std::string labels;          // a file with the classes' names
  int first = 0, samples = 6;  // at most 100
  std::string out = "dataset.png";
};

struct ShowDatasetReport {
  std::string data, file;  // in words; the picture that was written
  int64_t size = 0;
  int num_classes = 0, ignore_label = 0;
  std::vector<std::string> names;
};

// Draws samples with their labels. Errors: those of the data set.
Expected<ShowDatasetReport> show_dataset(const ShowDatasetOptions& options);

}  // namespace monolite
