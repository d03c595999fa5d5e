#include "ops/detection_postprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/op.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

constexpr int kEncodings = 0, kScores = 1, kAnchors = 2;

int32_t box_count(const NodeView& n) { return n.shape(kEncodings)[1]; }
int32_t score_columns(const NodeView& n) { return n.shape(kScores)[2]; }

using Box = DetectionMemory::Box;
using Detection = DetectionMemory::Detection;

Expected<void> verify_options(const NodeView& n) {
  ML_ASSIGN(const DetectionPostprocess o, detection_options(n));
  const auto refuse = [&](std::string found, std::string expected) {
    return Unexpected(
        n.fail(std::move(found), std::move(expected), "the file was edited or damaged; convert it again"));
  };
  if (o.max_detections < 1 || o.max_classes_per_detection < 1) {
    return refuse(
        fmt::format("max_detections {}, max_classes_per_detection {}", o.max_detections, o.max_classes_per_detection),
        "at least 1 each");
  }
  if (int64_t{o.max_detections} * o.max_classes_per_detection > (1 << 24)) {
    return refuse(fmt::format("room for {} x {} detections", o.max_detections, o.max_classes_per_detection),
                  "at most 2^24");
  }
  if (o.use_regular_nms && o.detections_per_class < 1) {
    return refuse(fmt::format("detections_per_class {}", o.detections_per_class), "at least 1");
  }
  if (!(o.nms_iou_threshold > 0 && o.nms_iou_threshold <= 1)) {
    return refuse(fmt::format("nms_iou_threshold {}", o.nms_iou_threshold), "above 0, at most 1");
  }
  const int32_t background = score_columns(n) - o.num_classes;
  if (o.num_classes < 1 || background < 0 || background > 1) {
    return refuse(fmt::format("num_classes {} for {} scores a box", o.num_classes, score_columns(n)),
                  "as many, or one less where the first is the background");
  }
  return {};
}

Expected<void> verify_shapes(const NodeView& n) {
  ML_TRY(n.expect_rank(kEncodings, 3));
  ML_TRY(n.expect_rank(kScores, 3));
  ML_TRY(n.expect_rank(kAnchors, 2));
  const Shape &encodings = n.shape(kEncodings), &scores = n.shape(kScores), &anchors = n.shape(kAnchors);
  if (encodings[0] != 1 || encodings[2] < 4) {
    return Unexpected(
        n.fail_input(kEncodings, "shape " + to_string(encodings), "one picture, at least 4 numbers a box"));
  }
  if (scores[0] != 1 || scores[1] != encodings[1]) {
    return Unexpected(n.fail_input(kScores, "shape " + to_string(scores), fmt::format("1x{}xclasses", encodings[1])));
  }
  if (anchors[0] < encodings[1] || anchors[1] != 4) {
    return Unexpected(n.fail_input(kAnchors, "shape " + to_string(anchors), fmt::format("{}x4", encodings[1])));
  }
  return {};
}

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_outputs(4));
  ML_TRY(verify_shapes(n));
  ML_TRY(n.expect_dtype(kEncodings, {DType::float32, DType::uint8}));
  ML_TRY(n.expect_dtype(kScores, {DType::float32, DType::uint8}));
  ML_TRY(n.expect_dtype(kAnchors, {n.dtype(kEncodings)}));
  for (const int i : {kEncodings, kScores, kAnchors}) {
    if (n.dtype(i) == DType::uint8) ML_TRY(n.expect_quantized(i));
  }
  for (int i = 0; i < 4; ++i) ML_TRY(n.expect_output_dtype(i, {DType::float32}));
  return verify_options(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const DetectionPostprocess o, detection_options(n));
  const int32_t room = o.max_detections * o.max_classes_per_detection;
  return Shapes{{1, room, 4}, {1, room}, {1, room}, {1}};
}

// Each box is compared with all that were kept before it.
Cost cost(const NodeView& n, const NoAttributes&) {
  const auto o = detection_options(n);
  if (!o) return {};
  return {.visits = saturated_product({n.shape(kEncodings)[1], std::min(n.shape(kEncodings)[1], o->max_detections),
                                       o->use_regular_nms ? o->num_classes : 1})};
}

// Element i of an input as a real number.
float real(const Evaluation& n, int input, int64_t i) {
  if (n.dtype(input) == DType::float32) return n.data<float>(input)[i];
  return static_cast<float>(n.data<uint8_t>(input)[i] - n.zero_point(input)) * n.scale(input);
}

// Encodings are offsets of the centre in units of the anchor's size, and logarithms of the sizes' ratio.
void decode_boxes(const Evaluation& n, const DetectionPostprocess& o, std::vector<Box>& boxes) {
  const int64_t stride = n.shape(kEncodings)[2];
  boxes.clear();
  for (int64_t b = 0; b < box_count(n); ++b) {
    const auto code = [&](int i) { return static_cast<double>(real(n, kEncodings, b * stride + i)); };
    const auto anchor = [&](int i) { return static_cast<double>(real(n, kAnchors, b * 4 + i)); };
    const auto y = static_cast<float>(code(0) / double{o.y_scale} * anchor(2) + anchor(0));
    const auto x = static_cast<float>(code(1) / double{o.x_scale} * anchor(3) + anchor(1));
    const auto half_h = static_cast<float>(0.5 * std::exp(code(2) / double{o.h_scale}) * anchor(2));
    const auto half_w = static_cast<float>(0.5 * std::exp(code(3) / double{o.w_scale}) * anchor(3));
    boxes.push_back({y - half_h, x - half_w, y + half_h, x + half_w});
  }
}

float intersection_over_union(const Box& a, const Box& b) {
  const float area_a = (a.y_max - a.y_min) * (a.x_max - a.x_min);
  const float area_b = (b.y_max - b.y_min) * (b.x_max - b.x_min);
  if (area_a <= 0 || area_b <= 0) return 0;
  const float height = std::max(std::min(a.y_max, b.y_max) - std::max(a.y_min, b.y_min), 0.0f);
  const float width = std::max(std::min(a.x_max, b.x_max) - std::max(a.x_min, b.x_min), 0.0f);
  return height * width / (area_a + area_b - height * width);
}

// memory.kept becomes the boxes to keep, of those whose score in memory.column is above `floor` (null: of all), best
// first: a box goes where one with a higher score overlaps it too much. Of equal scores the first box is the better
// one.
void suppress(DetectionMemory& memory, int32_t most, const DetectionPostprocess& o, const float* floor) {
  const auto& boxes = memory.boxes;
  const auto& scores = memory.column;
  auto& candidates = memory.candidates;  // a heap, the best on top: few of them are looked at
  candidates.clear();
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] >= o.nms_score_threshold && !(floor != nullptr && scores[i] <= *floor)) {
      candidates.push_back(static_cast<int32_t>(i));
    }
  }
  const auto is_worse = [&](int32_t a, int32_t b) {
    const float of_a = scores[static_cast<size_t>(a)], of_b = scores[static_cast<size_t>(b)];
    return of_a < of_b || (of_a == of_b && a > b);
  };
  std::make_heap(candidates.begin(), candidates.end(), is_worse);
  auto& kept = memory.kept;
  kept.clear();
  for (auto end = candidates.end(); end != candidates.begin() && kept.size() < static_cast<size_t>(most); --end) {
    const int32_t c = candidates.front();
    std::pop_heap(candidates.begin(), end, is_worse);
    const bool is_covered = std::any_of(kept.begin(), kept.end(), [&](int32_t k) {
      return intersection_over_union(boxes[static_cast<size_t>(k)], boxes[static_cast<size_t>(c)]) >
             o.nms_iou_threshold;
    });
    if (!is_covered) kept.push_back(c);
  }
}

// Scores of all boxes, without the background's column.
struct Scores {
  const float* values;
  int64_t columns, first;
  const float* of(int32_t box) const { return values + box * columns + first; }
};

Scores scores_of(const Evaluation& n, const DetectionPostprocess& o, std::vector<float>& values) {
  const int64_t elements = n.shape(kScores).elements();
  values.resize(static_cast<size_t>(elements));
  for (int64_t i = 0; i < elements; ++i) values[static_cast<size_t>(i)] = real(n, kScores, i);
  return {values.data(), score_columns(n), score_columns(n) - o.num_classes};
}

class Writer {
 public:
  Writer(const Evaluation& n, const std::vector<Box>& boxes) : n_(n), boxes_(boxes) {
    for (int i = 0; i < 4; ++i) std::fill_n(n.out<float>(i), n.output_shape(i).elements(), 0.0f);
  }
  void write(int64_t slot, int32_t box, int32_t label, float score) {
    const Box& b = boxes_[static_cast<size_t>(box)];
    const float corners[] = {b.y_min, b.x_min, b.y_max, b.x_max};
    std::copy_n(corners, 4, n_.out<float>(0) + slot * 4);
    n_.out<float>(1)[slot] = static_cast<float>(label);
    n_.out<float>(2)[slot] = score;
  }
  void write_count(size_t count) { n_.out<float>(3)[0] = static_cast<float>(count); }

 private:
  const Evaluation& n_;
  const std::vector<Box>& boxes_;
};

// Each class by itself; the best detections of all classes are kept. Among equal scores the lower class comes first.
void regular(DetectionMemory& memory, const Scores& scores, const DetectionPostprocess& o, Writer& writer) {
  const int32_t most_per_class = std::min(o.detections_per_class, o.max_detections);
  auto& best = memory.best;
  auto& column = memory.column;
  best.clear();
  column.resize(memory.boxes.size());
  for (int32_t label = 0; label < o.num_classes; ++label) {
    for (size_t b = 0; b < column.size(); ++b) column[b] = scores.of(static_cast<int32_t>(b))[label];
    // What is not better than all that are kept now would go again.
    const bool is_full = best.size() == static_cast<size_t>(o.max_detections);
    suppress(memory, most_per_class, o, is_full ? &best.back().score : nullptr);
    for (const int32_t b : memory.kept) {
      const Detection d{b, label, column[static_cast<size_t>(b)]};
      best.insert(std::upper_bound(best.begin(), best.end(), d,
                                   [](const Detection& x, const Detection& y) { return x.score > y.score; }),
                  d);
      if (best.size() > static_cast<size_t>(o.max_detections)) best.pop_back();
    }
  }
  for (size_t i = 0; i < best.size(); ++i) {
    writer.write(static_cast<int64_t>(i), best[i].box, best[i].label, best[i].score);
  }
  writer.write_count(best.size());
}

// The `count` best classes of a box, best first.
void best_classes(const float* scores, int32_t classes, int32_t count, std::vector<int32_t>& order) {
  if (count == 1) {
    order.assign(1, static_cast<int32_t>(std::max_element(scores, scores + classes) - scores));
    return;
  }
  order.resize(static_cast<size_t>(classes));
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](int32_t a, int32_t b) { return scores[a] > scores[b]; });
}

// Boxes are suppressed by their best class; each that is left gives its `max_classes_per_detection` best classes.
void fast(DetectionMemory& memory, const Scores& scores, const DetectionPostprocess& o, Writer& writer) {
  const int32_t per_box = std::min(o.max_classes_per_detection, o.num_classes);
  auto& best = memory.column;
  best.resize(memory.boxes.size());
  for (size_t b = 0; b < best.size(); ++b) {
    const float* of_box = scores.of(static_cast<int32_t>(b));
    best[b] = *std::max_element(of_box, of_box + o.num_classes);
  }
  suppress(memory, o.max_detections, o, nullptr);
  const auto& kept = memory.kept;
  for (size_t i = 0; i < kept.size(); ++i) {
    const float* of_box = scores.of(kept[i]);
    best_classes(of_box, o.num_classes, per_box, memory.classes);
    for (int32_t k = 0; k < per_box; ++k) {
      const int32_t label = memory.classes[static_cast<size_t>(k)];
      writer.write(static_cast<int64_t>(i) * o.max_classes_per_detection + k, kept[i], label, of_box[label]);
    }
  }
  writer.write_count(kept.size());
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  ML_ASSIGN(const DetectionPostprocess o, detection_options(n));
  DetectionMemory memory;
  return detect(n, o, memory);
}

}  // namespace

Expected<DetectionPostprocess> detection_options(const NodeView& n) {
  auto options = read_detection_options(n.node().custom_options);
  if (!options) return Unexpected(n.fail(options.error().found, options.error().expected, options.error().mend));
  return options;
}

void DetectionMemory::reserve(const NodeView& n, const DetectionPostprocess& o) {
  const auto count = static_cast<size_t>(box_count(n)), all = count * static_cast<size_t>(o.num_classes);
  boxes.reserve(count);
  scores.reserve(static_cast<size_t>(n.shape(kScores).elements()));
  column.reserve(count);
  candidates.reserve(count);
  kept.reserve(std::min(count, static_cast<size_t>(o.max_detections)));
  classes.reserve(static_cast<size_t>(o.num_classes));
  best.reserve(std::min(all, static_cast<size_t>(o.max_detections)) + 1);
}

Expected<void> detect(const Evaluation& n, const DetectionPostprocess& o, DetectionMemory& memory) {
  decode_boxes(n, o, memory.boxes);
  for (const Box& b : memory.boxes) {
    if (b.y_min > b.y_max || b.x_min > b.x_max) {
      return Unexpected(n.fail("a box that ends before it starts", "anchors of positive size"));
    }
  }
  Writer writer(n, memory.boxes);
  (o.use_regular_nms ? regular : fast)(memory, scores_of(n, o, memory.scores), o, writer);
  return {};
}

extern const OpDef detection_postprocess;
const OpDef detection_postprocess = define<NoAttributes>({.code = OpCode::CUSTOM,
                                                          .custom_code = "TFLite_Detection_PostProcess",
                                                          .verify = verify,
                                                          .infer = infer,
                                                          .cost = cost,
                                                          .reference = reference});

}  // namespace monolite::ops
