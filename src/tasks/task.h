#pragma once
// What a model is for, told from its inputs and outputs.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::tasks {

enum class TaskKind { segmentation, classification, detection, super_resolution, other };

// "segmentation", "super-resolution", …
std::string_view name(TaskKind kind);
// Errors: no task of that name; the known ones are listed.
Expected<TaskKind> task_from_name(std::string_view name);

// The input that takes a picture: [batch, height, width, channels].
struct PictureInput {
  size_t index = 0;  // into Graph::inputs
  int32_t batch = 1, height = 0, width = 0, channels = 3;
};

// The picture input that a tensor of this shape is: 1 or 3 channels, nothing empty.
std::optional<PictureInput> picture_input(const Shape& shape, size_t index);

// Which output is what, as indices into Graph::outputs.
struct DetectionOutputs {
  size_t boxes = 0, classes = 1, scores = 2, count = 3;
};

struct Task {
  TaskKind kind = TaskKind::other;
  std::optional<PictureInput> picture;
  size_t output = 0;    // the one with labels, scores or the picture
  int64_t classes = 0;  // how many labels there may be; 0 where the model does not tell
  DetectionOutputs detection;
};

// The shapes of the first graph's tensors, by TensorId; nothing where one is not known before the graph runs.
using TensorShapes = std::vector<std::optional<Shape>>;

// Tells the task from the model and its shapes:
//   segmentation      integers [1,H,W] or [1,H,W,1], or scores [1,H,W,C], H and W the picture input's
//   classification    one output of scores [1,N], N > 1
//   detection         TFLite_Detection_PostProcess's four outputs
//   super-resolution  [1,sH,sW,3], s > 1
// A model without exactly one picture input, or with other outputs, is `other`.
Task recognise(const Model& model, const TensorShapes& shapes);

// The task that the user says the model has; looser than recognise() in the shapes it takes.
//
// Errors: no input or output that could be meant.
Expected<Task> recognise_as(TaskKind kind, const Model& model, const TensorShapes& shapes);

}  // namespace monolite::tasks
