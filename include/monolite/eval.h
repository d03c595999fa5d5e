#pragma once
// How good a model is on labelled data.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "monolite/export.h"

namespace monolite {

struct EvalSegmentationOptions {
  // One of both. A model is a .tflite, a frozen graph (.pb, .pbtxt), or a checkpoint (prefix, one of its files,
  // folder).
  std::string model;
  std::string predictions;  // a folder of PNG, .npy or .raw, named as the pictures are

  // Of a frozen graph: where to cut; empty: DeepLab's own ends, or the graph's.
  std::vector<std::string> input_arrays, output_arrays;
  // Of a checkpoint: the net; checkpoint_path and export_path are not read. output_stride: absent means 16.
  ExportOptions net;

  // The data: see docs/eval.md.
  std::string dataset, dataset_dir, images, masks;
  std::string split = "val";
  std::optional<int> num_classes, ignore_label;  // absent: as the data set has them; ignore_label -1: none
  std::string label_map, prediction_map;         // "" or as data::LabelMap reads them
  int64_t samples = 0;                           // 0: all
  std::string labels;                            // a file with the classes' names

  std::string resize = "fit";  // fit, stretch or pad: how a picture is brought to the model's size
  bool in_crop = false;        // compared in the model's size, not in the picture's own
  std::string backend = "fast";
  int num_threads = 0;                                     // 0: the physical cores
  std::string picture;                                     // a PNG of the confusion matrix, or ""
  std::function<void(int64_t done, int64_t of)> progress;  // may be empty
};

struct EvalSegmentationReport {
  std::string model, predictions, data;  // data: what it was measured on, in words
  int64_t samples = 0, size = 0;         // measured, of all in the split
  int num_classes = 0, ignore_label = 0;
  struct Class {
    int label = 0;
    std::string name;
    int64_t pixels = 0, predicted = 0, right = 0;
    std::optional<double> iou, accuracy;  // nothing where the class does not occur
  };
  std::vector<Class> classes;
  double miou = 0, mean_accuracy = 0, pixel_accuracy = 0;
  int64_t pixels = 0, right = 0;
  std::vector<std::vector<int64_t>> confusion;  // [label][predicted]; the last column: predictions that are no class
  double seconds = 0;
  std::vector<std::string> written, remarks;
};

// Runs the model on every picture of the split, or reads the predictions, and compares with the labels.
//
// Errors: a file that cannot be used; a model that is none for segmentation; labels out of range; a picture without a
// prediction.
Expected<EvalSegmentationReport> eval_segmentation(const EvalSegmentationOptions& options);

}  // namespace monolite
