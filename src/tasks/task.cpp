#include "tasks/task.h"

#include <algorithm>

#include "base/text.h"

namespace monolite::tasks {
namespace {

constexpr std::pair<TaskKind, std::string_view> kNames[] = {
    {TaskKind::segmentation, "segmentation"},
    {TaskKind::classification, "classification"},
    {TaskKind::detection, "detection"},
    {TaskKind::super_resolution, "super-resolution"},
    {TaskKind::other, "other"},
};
constexpr std::string_view kDetectionOp = "TFLite_Detection_PostProcess";

const std::optional<Shape>& shape_of(const TensorShapes& shapes, TensorId id) {
  return shapes[static_cast<size_t>(id)];
}

std::optional<PictureInput> only_picture(const Graph& graph, const TensorShapes& shapes) {
  std::optional<PictureInput> found;
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    const auto& shape = shape_of(shapes, graph.inputs[i]);
    const auto picture = shape ? picture_input(*shape, i) : std::nullopt;
    if (!picture) continue;
    if (found) return std::nullopt;
    found = picture;
  }
  return found;
}

// How many labels an ARG_MAX upstream of `id` chooses from; 0 where there is none.
int64_t classes_upstream(const Graph& graph, const TensorShapes& shapes, TensorId id) {
  for (size_t steps = 0; steps <= graph.nodes.size(); ++steps) {
    const int producer = graph.producer(id);
    if (producer < 0) return 0;
    const Node& node = graph.nodes[static_cast<size_t>(producer)];
    if (node.inputs.empty() || node.inputs[0] == kNoTensor) return 0;
    id = node.inputs[0];
    if (node.op != OpCode::ARG_MAX) continue;
    const auto& shape = shape_of(shapes, id);
    return shape && shape->rank() > 0 ? shape->back(0) : 0;
  }
  return 0;
}

const Node* detection_node(const Graph& graph) {
  const auto is_it = [](const Node& n) { return op_name(n) == kDetectionOp; };
  const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(), is_it);
  return found == graph.nodes.end() ? nullptr : &*found;
}

// The op's four outputs among the graph's.
std::optional<DetectionOutputs> detection_outputs(const Graph& graph, const Node& node) {
  if (node.outputs.size() != 4) return std::nullopt;
  size_t place[4];
  for (size_t k = 0; k < 4; ++k) {
    const auto found = std::find(graph.outputs.begin(), graph.outputs.end(), node.outputs[k]);
    if (found == graph.outputs.end()) return std::nullopt;
    place[k] = static_cast<size_t>(found - graph.outputs.begin());
  }
  return DetectionOutputs{place[0], place[1], place[2], place[3]};
}

struct Recognition {
  const Graph& graph;
  const TensorShapes& shapes;
  bool is_loose;  // the user named the task
  std::optional<PictureInput> picture = only_picture(graph, shapes);

  size_t output_count() const { return graph.outputs.size(); }
  const Tensor& output(size_t i) const { return graph.tensor(graph.outputs[i]); }
  const std::optional<Shape>& output_shape(size_t i) const { return shape_of(shapes, graph.outputs[i]); }
  Task task(TaskKind kind, size_t i, int64_t classes) const { return {kind, picture, i, classes, {}}; }

  std::optional<Task> segmentation(size_t i) const {
    const Shape& s = *output_shape(i);
    if (s.rank() < 3 || s.rank() > 4 || s[1] < 1 || s[2] < 1) return std::nullopt;
    if (!is_loose && (s[1] != picture->height || s[2] != picture->width || s[1] * int64_t{s[2]} == 1))
      return std::nullopt;
    const bool is_map = s.rank() == 3 || s[3] == 1;
    if (!is_map) return task(TaskKind::segmentation, i, s[3]);
    if (!is_loose && (!is_integer(output(i).dtype) || output(i).quantization.is_quantized())) return std::nullopt;
    return task(TaskKind::segmentation, i, classes_upstream(graph, shapes, graph.outputs[i]));
  }

  std::optional<Task> classification(size_t i) const {
    const Shape& s = *output_shape(i);
    if (!is_loose && output_count() != 1) return std::nullopt;
    if (s.rank() < 1 || s.back(0) < 2 || s.elements(s.rank() > 1 ? 1 : 0, s.rank()) != s.back(0)) return std::nullopt;
    return task(TaskKind::classification, i, s.back(0));
  }

  std::optional<Task> super_resolution(size_t i) const {
    const Shape& s = *output_shape(i);
    if (s.rank() != 4 || s[3] != 3 || s[1] < 1 || s[2] < 1) return std::nullopt;
    const bool is_larger = s[1] > picture->height && s[1] % picture->height == 0 &&
                           s[1] / picture->height == s[2] / picture->width && s[2] % picture->width == 0;
    if (!is_loose && !is_larger) return std::nullopt;
    return task(TaskKind::super_resolution, i, 0);
  }

  std::optional<Task> detection() const {
    Task found = task(TaskKind::detection, 0, 0);
    if (const Node* node = detection_node(graph)) {
      const auto places = detection_outputs(graph, *node);
      if (!places) return std::nullopt;
      found.detection = *places;
      // Its second input is [1, anchors, classes and a background].
      if (node->inputs.size() < 2 || node->inputs[1] == kNoTensor) return found;
      const auto& scores = shape_of(shapes, node->inputs[1]);
      if (scores && scores->rank() == 3) found.classes = std::max(0, (*scores)[2] - 1);
      return found;
    }
    if (output_count() != 4) return std::nullopt;
    for (size_t i = 0; i < 4; ++i) {
      if (!output_shape(i)) return std::nullopt;
    }
    const Shape &boxes = *output_shape(0), &classes = *output_shape(1);
    const bool are_boxes = boxes.rank() == 3 && boxes[2] == 4 && classes.rank() == 2 && classes[1] == boxes[1];
    if (!are_boxes || classes != *output_shape(2) || output_shape(3)->rank() != 1) return std::nullopt;
    return found;
  }

  std::optional<Task> as(TaskKind kind) const {
    if (!picture) return std::nullopt;
    if (kind == TaskKind::detection) return detection();
    for (size_t i = 0; i < output_count(); ++i) {
      if (!output_shape(i) || !output_shape(i)->checked_elements()) continue;
      std::optional<Task> found;
      if (kind == TaskKind::segmentation) found = segmentation(i);
      if (kind == TaskKind::classification) found = classification(i);
      if (kind == TaskKind::super_resolution) found = super_resolution(i);
      if (found) return found;
    }
    return std::nullopt;
  }
};

}  // namespace

std::optional<PictureInput> picture_input(const Shape& s, size_t index) {
  if (s.rank() != 4 || (s[3] != 1 && s[3] != 3) || s[0] < 1 || s[1] < 1 || s[2] < 1) return std::nullopt;
  return PictureInput{index, s[0], s[1], s[2], s[3]};
}

std::string_view name(TaskKind kind) {
  for (const auto& [k, text] : kNames) {
    if (k == kind) return text;
  }
  return "other";
}

Expected<TaskKind> task_from_name(std::string_view name) {
  std::string wanted(name);
  std::replace(wanted.begin(), wanted.end(), '_', '-');
  std::string known;
  for (const auto& [kind, text] : kNames) {
    if (text == wanted) return kind;
    known += (known.empty() ? "" : ", ") + std::string(text);
  }
  return Unexpected(usage_error("--task", printable(name), known));
}

Task recognise(const Model& model, const TensorShapes& shapes) {
  const Recognition r{model.main(), shapes, false};
  for (const auto& [kind, text] : kNames) {
    if (auto task = r.as(kind)) return *task;
  }
  return {TaskKind::other, r.picture, 0, 0, {}};
}

Expected<Task> recognise_as(TaskKind kind, const Model& model, const TensorShapes& shapes) {
  const Recognition r{model.main(), shapes, true};
  if (kind == TaskKind::other) return Task{kind, r.picture, 0, 0, {}};
  if (auto task = r.as(kind)) return *task;
  std::string found;
  for (size_t i = 0; i < r.output_count(); ++i) {
    const auto& s = r.output_shape(i);
    found += (found.empty() ? "" : ", ") + (s ? to_string(*s) : std::string("?"));
  }
  return Unexpected(input_error("--task " + std::string(name(kind)), "outputs " + found,
                                "one picture input and the outputs of such a model",
                                "leave --task away, or take the raw outputs with --dump-outputs"));
}

}  // namespace monolite::tasks
