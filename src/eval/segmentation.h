#pragma once
// A segmentation model, or what a device gave, measured on labelled pictures.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "data/label_map.h"
#include "data/source.h"
#include "eval/confusion.h"
#include "image/image.h"
#include "ir/graph.h"
#include "tasks/feed.h"

namespace monolite::eval {

// Labels for a picture, in its own size or in another, and how the picture lies in them.
struct Prediction {
  image::Mask labels;
  tasks::Feed feed;            // without the value
  bool is_in_picture = false;  // `labels` has the picture's own pixels
};

class Predictor {
 public:
  virtual ~Predictor() = default;
  // Threads: one at a time; each thread has a predictor of its own.
  virtual Expected<Prediction> predict(const data::Sample& sample) = 0;
};

// What the model takes and gives, or an error: no model that takes one picture and gives labels or scores.
Expected<tasks::Task> segmentation_task(const Model& model);

// Runs a model on one thread. `model` must outlive it.
//
// Errors: those of segmentation_task(); a model that cannot be computed.
Expected<std::unique_ptr<Predictor>> model_predictor(const Model& model, image::Fit fit,
                                                     const std::optional<tasks::Normalization>& normalization,
                                                     bool is_reference);

// Reads FOLDER/NAME.png, .npy or .raw, NAME being the picture's file name without ending (a scene's number as scene_N).
// A .npy holds labels [H,W], [1,H,W] or [1,H,W,1], or scores [H,W,C] or [1,H,W,C]; a .raw the bytes of labels (uint8,
// int32 or int64) of the picture's size or of a square. A prediction of the picture's size is taken as it is, one of
// another as a model's output for a picture that was fed as `fit` says.
std::unique_ptr<Predictor> folder_predictor(std::string folder, image::Fit fit);

struct Measurement {
  int classes = 0;
  int ignore_label = 255;         // of the labels behind label_map; -1: none
  data::LabelMap label_map;       // of the data's labels
  data::LabelMap prediction_map;  // of the predictions; ignored ones are no class
  bool in_crop = false;           // compared in the model's size, not in the picture's own
  int64_t samples = 0;            // 0: all
  int threads = 1;
  std::function<void(int64_t done, int64_t of)> progress;  // may be empty; called by one thread at a time
};

// Compares predictions for the first samples with their labels. The same counts with any number of threads.
//
// Errors: those of the source and the predictors; a label out of range, with the picture's name.
Expected<Confusion> measure(const data::Source& source, const Measurement& how,
                            const std::function<Expected<std::unique_ptr<Predictor>>()>& make_predictor);

}  // namespace monolite::eval
