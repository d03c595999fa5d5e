#pragma once
// Pictures and masks that lie in folders.

#include <memory>
#include <string>
#include <vector>

#include "data/label_map.h"
#include "data/source.h"
#include "image/image.h"

namespace monolite::data {

struct FilePair {
  std::string image, mask;
};

// Reads pairs when they are asked for. Masks are PNGs or BMPs whose palette indices or grey values are the labels.
//
//   numbering  what the files' labels are here; those that it ignores become `ignore_label`
//
// load()'s errors: files that cannot be read; a mask of another size; a label above 255.
std::unique_ptr<Source> files_source(std::vector<FilePair> pairs, const LabelMap& numbering, int ignore_label);

// A picture and its mask as a sample. Errors: those above.
Expected<Sample> labelled(image::Image picture, const image::Mask& mask, const LabelMap& numbering, int ignore_label,
                          const std::string& image_name, const std::string& mask_name);

// A folder in one of the layouts that are known by their names.
struct FolderLayout {
  std::string kind;  // "PASCAL VOC"
  std::vector<FilePair> pairs;
  LabelMap numbering;
  int classes = 0, ignore_label = 255;
};

// The pairs of a split in a folder:
//   PASCAL VOC  JPEGImages, SegmentationClassAug, …Raw or SegmentationClass, ImageSets/Segmentation/SPLIT.txt; also
//               inside of VOCdevkit/VOC2012
//   Cityscapes  leftImg8bit/SPLIT/CITY/*_leftImg8bit.png, gtFine/SPLIT/CITY/*_labelTrainIds.png or *_labelIds.png
//   ADE20K      images/training and validation, annotations/training and validation
//   any         images/SPLIT and masks/SPLIT, or images and masks; names are equal but for the ending. No number of
//               classes.
//
// Errors: none of these (all are listed); no such split (those that there are); a picture without a mask.
Expected<FolderLayout> find_layout(const std::string& folder, const std::string& split);

// The pictures of one folder with the masks of another, by name.
//
// Errors: a picture without a mask, by name; no pictures.
Expected<std::vector<FilePair>> pair_by_name(const std::string& images, const std::string& masks);

// The files of a folder whose names end like pictures', sorted. Errors: no such folder.
Expected<std::vector<std::string>> pictures_in(const std::string& folder);

}  // namespace monolite::data
