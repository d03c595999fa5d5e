#pragma once
// Labelled pictures in TFRecords, with the features of research/deeplab's build_data.py.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/source.h"

namespace monolite::data {

// The files of a split in a folder: SPLIT-…tfrecord, SPLIT-00000-of-00010, SPLIT.tfrecord; sorted. None where there are
// none.
std::vector<std::string> record_files(const std::string& folder, const std::string& split);
// The splits that a folder's TFRecords have.
std::vector<std::string> record_splits(const std::string& folder);

// The pictures of the files, one file behind the other. Labels that are not classes stay as they are.
//
// Errors: a file that is no TFRecord. load()'s: a wrong checksum; no example with image/encoded and
// image/segmentation/class/encoded; pictures that cannot be read; a mask of another size.
Expected<std::unique_ptr<Source>> records_source(const std::vector<std::string>& files);

// A record of a picture and its mask: both are files as they stand (JPEG or PNG; PNG).
std::string segmentation_record(const std::string& name, std::span<const std::byte> image, int height, int width,
                                std::span<const std::byte> mask);

}  // namespace monolite::data
