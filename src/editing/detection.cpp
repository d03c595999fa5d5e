#include "editing/detection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "editing/cut.h"
#include "passes/graph_edit.h"

namespace monolite::editing {
namespace {

constexpr const char* kOp = "TFLite_Detection_PostProcess";
constexpr size_t kEncodings = 0, kScores = 1, kAnchors = 2;

Expected<const Node*> only_detection(const Model& model, const std::string& flag) {
  const Node* found = nullptr;
  int count = 0;
  for (const Node& n : model.main().nodes) {
    if (n.custom_code != kOp) continue;
    found = &n;
    ++count;
  }
  const bool has_inputs = found != nullptr && found->inputs.size() > kAnchors &&
                          std::count(found->inputs.begin(), found->inputs.end(), kNoTensor) == 0;
  if (count != 1 || !has_inputs) {
    return Unexpected(input_error(flag, fmt::format("{} {}", count, kOp), "one", "leave the flag out"));
  }
  return found;
}

void add_anchor(std::vector<float>& to, float y, float x, float scale, float ratio) {
  const float root = std::sqrt(ratio);
  to.insert(to.end(), {y, x, scale / root, scale * root});
}

// The boxes around each pixel of map `k`.
void add_map(std::vector<float>& to, int k, int32_t height, int32_t width) {
  constexpr int kMaps = 6;
  constexpr float kLeast = 0.2F, kMost = 0.95F;
  const auto scale_of = [](int i) {
    return i == kMaps ? 1.0F : kLeast + (kMost - kLeast) * static_cast<float>(i) / (kMaps - 1);
  };
  const float scale = scale_of(k);
  for (int32_t row = 0; row < height; ++row) {
    for (int32_t column = 0; column < width; ++column) {
      const float y = (static_cast<float>(row) + 0.5F) / static_cast<float>(height);
      const float x = (static_cast<float>(column) + 0.5F) / static_cast<float>(width);
      if (k == 0) {
        add_anchor(to, y, x, 0.1F, 1);
        for (const float ratio : {2.0F, 0.5F}) add_anchor(to, y, x, scale, ratio);
      } else {
        for (const float ratio : {1.0F, 2.0F, 0.5F, 3.0F, 1.0F / 3.0F}) add_anchor(to, y, x, scale, ratio);
        add_anchor(to, y, x, std::sqrt(scale * scale_of(k + 1)), 1);
      }
    }
  }
}

Error wrong_outputs(const Model& model) {
  std::vector<std::string> shapes;
  for (const TensorId id : model.main().outputs) shapes.push_back(to_string(model.main().tensor(id).shape));
  return input_error("--attach-detection-postprocess", fmt::format("outputs of shapes {}", fmt::join(shapes, ", ")),
                     "two: box encodings 1xNx4 and class scores 1xNxC",
                     "cut the model there first: --outputs=ENCODINGS,SCORES");
}

// Encodings, then scores. Where both have four columns, in the order of the outputs.
Expected<std::array<TensorId, 2>> find_ends(const Model& model) {
  const Graph& g = model.main();
  if (g.outputs.size() != 2) return Unexpected(wrong_outputs(model));
  std::array<TensorId, 2> ends{g.outputs[0], g.outputs[1]};
  const auto is_boxes = [&](TensorId id) { return g.tensor(id).shape.rank() == 3 && g.tensor(id).shape[2] == 4; };
  if (!is_boxes(ends[0])) std::swap(ends[0], ends[1]);
  const Shape &boxes = g.tensor(ends[0]).shape, &scores = g.tensor(ends[1]).shape;
  if (!is_boxes(ends[0]) || scores.rank() != 3 || boxes[0] != 1 || scores[0] != 1 || boxes[1] != scores[1] ||
      scores[2] < 1) {
    return Unexpected(wrong_outputs(model));
  }
  return ends;
}

bool is_quantized_byte(const Tensor& t) { return t.dtype == DType::uint8 && t.quantization.scale.size() == 1; }

// The tensor as floats: itself, or a DEQUANTIZE behind it.
TensorId as_float(Graph& g, TensorId id) {
  if (g.tensor(id).dtype == DType::float32) return id;
  Tensor real{.name = passes::fresh_name(g, g.tensor(id).name + "_float"),
              .dtype = DType::float32,
              .shape = g.tensor(id).shape};
  const TensorId out = g.add(std::move(real));
  g.nodes.push_back(passes::make_node(OpCode::DEQUANTIZE, {id}, {out}, "DequantizeOptions", {}));
  return out;
}

Tensor as_floats(const Tensor& anchors) {
  if (anchors.dtype == DType::float32) return anchors;
  std::vector<float> values;
  for (int64_t i = 0; i < anchors.shape.elements(); ++i) {
    values.push_back(
        anchors.quantization.scale[0] *
        static_cast<float>(anchors.data.get<uint8_t>(static_cast<size_t>(i)) - anchors.quantization.zero_point[0]));
  }
  return {.name = anchors.name, .dtype = DType::float32, .shape = anchors.shape, .data = Buffer::of(std::move(values))};
}

}  // namespace

Expected<void> detach_detection(Model& model) {
  ML_ASSIGN(const Node* n, only_detection(model, "--detach-detection-postprocess"));
  return cut(model, {}, {n->inputs[kEncodings], n->inputs[kScores]});
}

Expected<DetectionTail> detection_tail(const Model& model) {
  ML_ASSIGN(const Node* n, only_detection(model, model.path));
  const Tensor& anchors = model.main().tensor(n->inputs[kAnchors]);
  const bool is_known = anchors.is_constant() && anchors.shape.rank() == 2 && anchors.shape[1] == 4 &&
                        (anchors.dtype == DType::float32 || is_quantized_byte(anchors));
  if (!is_known) {
    return Unexpected(input_error(model.path, "anchors that are no constant of shape Nx4",
                                  "float32 or quantized uint8 anchors in the file", "give them as .npy"));
  }
  ML_ASSIGN(auto options, ops::read_detection_options(n->custom_options));
  return DetectionTail{anchors, options};
}

DetectionTail plain_detection_tail() {
  DetectionTail tail;
  tail.anchors.name = "anchors";
  ops::DetectionPostprocess& o = tail.options;
  o.max_detections = 10;
  o.max_classes_per_detection = 1;
  o.nms_score_threshold = 1e-8F;
  o.nms_iou_threshold = 0.6F;
  o.y_scale = o.x_scale = 10;
  o.h_scale = o.w_scale = 5;
  return tail;
}

Expected<DetectionTail> ssd_mobilenet_tail(int32_t input_height, int32_t input_width, int32_t boxes) {
  std::vector<float> anchors;
  int32_t height = input_height, width = input_width;
  const auto halve = [&] { height = (height + 1) / 2, width = (width + 1) / 2; };
  for (int i = 0; i < 4; ++i) halve();
  for (int k = 0; k < 6; ++k, halve()) {
    // Larger maps than `boxes` has cells for end here: nothing is made for them.
    if (int64_t{height} * width > boxes) break;
    add_map(anchors, k, height, width);
  }
  if (static_cast<int64_t>(anchors.size()) != int64_t{boxes} * 4) {
    return Unexpected(
        input_error("--attach-detection-postprocess",
                    fmt::format("{} boxes for an input of {}x{}", boxes, input_height, input_width),
                    fmt::format("SSD MobileNet's maps, which give {}", anchors.size() / 4),
                    "give its anchors with --anchors=FILE: a .npy of shape Nx4, or a .tflite that has them"));
  }
  DetectionTail tail = plain_detection_tail();
  tail.anchors.shape = {boxes, 4};
  tail.anchors.data = Buffer::of(std::move(anchors));
  return tail;
}

Expected<void> attach_detection(Model& model, DetectionTail tail) {
  ML_ASSIGN(const auto ends, find_ends(model));
  Graph& g = model.main();
  TensorId encodings = ends[0], scores = ends[1];
  const int32_t boxes = g.tensor(encodings).shape[1], columns = g.tensor(scores).shape[2];
  if (tail.anchors.shape[0] != boxes) {
    return Unexpected(input_error("--attach-detection-postprocess", fmt::format("{} anchors", tail.anchors.shape[0]),
                                  fmt::format("{}, one a box", boxes),
                                  "take the anchors of the same model and input size"));
  }
  if (tail.options.num_classes < 1) tail.options.num_classes = std::max(1, columns - 1);
  if (columns - tail.options.num_classes < 0 || columns - tail.options.num_classes > 1) {
    return Unexpected(input_error("--attach-detection-postprocess",
                                  fmt::format("{} scores a box for {} classes", columns, tail.options.num_classes),
                                  "as many, or one more for the background", "take the anchors of the same model"));
  }
  const bool as_they_are =
      is_quantized_byte(tail.anchors) && is_quantized_byte(g.tensor(encodings)) && is_quantized_byte(g.tensor(scores));
  if (!as_they_are) {
    encodings = as_float(g, encodings);
    scores = as_float(g, scores);
    tail.anchors = as_floats(tail.anchors);
  }
  tail.anchors.name = passes::fresh_name(g, tail.anchors.name);
  const TensorId anchors = g.add(std::move(tail.anchors));
  const int32_t room = tail.options.max_detections * tail.options.max_classes_per_detection;
  const std::array<Shape, 4> shapes{Shape{1, room, 4}, Shape{1, room}, Shape{1, room}, Shape{1}};
  std::vector<TensorId> outputs;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const std::string name = i == 0 ? std::string(kOp) : fmt::format("{}:{}", kOp, i);
    outputs.push_back(g.add({.name = passes::fresh_name(g, name), .dtype = DType::float32, .shape = shapes[i]}));
  }
  Node node = passes::make_node(OpCode::CUSTOM, {encodings, scores, anchors}, outputs);
  node.custom_code = kOp;
  node.custom_options = ops::write_detection_options(tail.options);
  g.nodes.push_back(std::move(node));
  g.outputs = outputs;
  model.signatures.clear();  // they name the outputs that were
  return {};
}

}  // namespace monolite::editing
