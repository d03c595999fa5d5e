#pragma once
// What goes wrong between a picture and a mask on a device: each fault as a change to the model or to what it is fed.

#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "image/image.h"
#include "ir/graph.h"
#include "ops/evaluate.h"
#include "tasks/feed.h"

namespace monolite::diagnosing {

// What is fed to the model for a picture, and what faults need to know to change it.
struct Subject {
  image::Image picture;
  tasks::PictureInput input;
  tasks::TaskKind kind = tasks::TaskKind::segmentation;
  std::optional<tasks::Normalization> stated;  // what the model's metadata says
};

// Faults of one stage exclude each other.
enum class Stage { model, picture, colour, numbers };

struct Fault {
  Stage stage = Stage::model;
  std::string name;  // "align_corners is ignored"
  std::string mend;  // what to look at on the device

  // One of these, by stage. Changes the first graph; false where there is nothing to change.
  std::function<bool(Model&)> change_model;
  std::function<Expected<tasks::Feed>(const Subject&, const Tensor&)> feed;  // instead of the usual feed
  std::function<void(image::Image&)> change_colours;
  // From what was fed, and the same picture's pixels as bytes, to what is fed instead.
  std::function<void(const Tensor&, const std::vector<uint8_t>& pixels, ops::Value&)> change_numbers;
};

// As `run` feeds a picture to a segmentation model.
Expected<tasks::Feed> usual_feed(const Subject& subject, const Tensor& input);

// All faults before the output; those of the output are in diagnose.cpp.
std::vector<Fault> all_faults();

}  // namespace monolite::diagnosing
