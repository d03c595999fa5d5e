#pragma once
// The data set that a user names.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/label_map.h"
#include "data/source.h"
#include "image/image.h"

namespace monolite::data {

struct DatasetRequest {
  // "scenes", which are made as they are asked for; pascal_voc_seg, cityscapes or ade20k, which lie in `folder`; the
  // folder of any set; or "" where `folder`, or `images` and `masks`, say it all.
  std::string name, folder;
  std::string images, masks;  // two folders of files with equal names
  std::string split = "train";
  int height = 513, width = 513;             // of what is made
  std::optional<int> classes, ignore_label;  // instead of the set's own; ignore_label -1: nothing is ignored
  LabelMap label_map;                        // other numbers for the labels; what it leaves out is ignored
};

struct Dataset {
  std::unique_ptr<Source> source;
  std::string description;           // "PASCAL VOC in /data/voc, split val, 1449 pictures"
  int classes = 0;                   // 0: the set does not tell
  int ignore_label = 255;            // -1: none
  std::vector<std::string> names;    // of the classes; empty where the set does not tell
  std::vector<image::Color> colors;  // likewise
};

// Errors: an unknown name or split, a folder without data, a set without pictures.
Expected<Dataset> open_dataset(const DatasetRequest& request);

}  // namespace monolite::data
