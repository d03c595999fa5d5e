#include "ops/detection_postprocess.h"

#include <flatbuffers/flexbuffers.h>

#include <cmath>
#include <functional>

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

DetectionPostprocess options() {
  DetectionPostprocess o;
  o.max_detections = 3;
  o.max_classes_per_detection = 1;
  o.nms_score_threshold = 0.1f;
  o.nms_iou_threshold = 0.5f;
  o.num_classes = 2;
  o.y_scale = o.x_scale = o.h_scale = o.w_scale = 1;
  return o;
}

// Options as `write` writes them.
Buffer map(const std::function<void(flexbuffers::Builder&)>& write) {
  flexbuffers::Builder builder;
  builder.Map([&] { write(builder); });
  builder.Finish();
  return Buffer::of(builder.GetBuffer());
}

// Three boxes of size 1: the second lies 0.1 right of the first, the third far away. Two classes and a background.
struct Detector {
  OneGraph g;
  explicit Detector(const Buffer& custom_options) {
    const auto boxes = g.builder.input("boxes", DType::float32, {1, 3, 4});
    const auto scores = g.builder.input("scores", DType::float32, {1, 3, 3});
    const auto anchors = g.builder.constant<float>("anchors", {3, 4}, {0, 0, 1, 1, 0, 0.1f, 1, 1, 5, 5, 1, 1});
    std::vector<TensorId> outputs;
    for (const char* name : {"out_boxes", "classes", "scores", "count"}) {
      outputs.push_back(g.builder.tensor(name, DType::float32, {}));
      g.builder.output(outputs.back());
    }
    Node& node = g.builder.node(OpCode::CUSTOM, {boxes, scores, anchors}, outputs);
    node.custom_code = "TFLite_Detection_PostProcess";
    node.custom_options = custom_options;
  }
  std::vector<Value> inputs(std::vector<float> scores) {
    return {value<float>({1, 3, 4}, std::vector<float>(12)), value<float>({1, 3, 3}, std::move(scores))};
  }
  std::vector<std::vector<float>> run(std::vector<float> scores) {
    const auto outputs = evaluate(g.model, inputs(std::move(scores)));
    EXPECT_TRUE(outputs) << to_string(outputs.error());
    std::vector<std::vector<float>> all;
    for (const Value& v : *outputs) all.push_back(elements<float>(v));
    return all;
  }
};

const std::vector<float> kScores = {0, 0.9f, 0.2f, 0, 0.3f, 0.8f, 0, 0.05f, 0.6f};

TEST(DetectionPostprocess, SuppressesBoxesByTheirBestClass) {
  const auto out = Detector(write_detection_options(options())).run(kScores);
  EXPECT_EQ(out[0], (std::vector<float>{-0.5f, -0.5f, 0.5f, 0.5f, 4.5f, 4.5f, 5.5f, 5.5f, 0, 0, 0, 0}));
  EXPECT_EQ(out[1], (std::vector<float>{0, 1, 0}));
  EXPECT_EQ(out[2], (std::vector<float>{0.9f, 0.6f, 0}));
  EXPECT_EQ(out[3], (std::vector<float>{2}));
}

TEST(DetectionPostprocess, SuppressesEachClassByItselfWhenRegular) {
  DetectionPostprocess o = options();
  o.use_regular_nms = true;
  const auto out = Detector(write_detection_options(o)).run(kScores);
  EXPECT_EQ(out[1], (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(out[2], (std::vector<float>{0.9f, 0.8f, 0.6f}));
  EXPECT_EQ(out[3], (std::vector<float>{3}));
}

TEST(DetectionPostprocess, OptionsComeBackAsWritten) {
  DetectionPostprocess o = options();
  o.use_regular_nms = true;
  o.detections_per_class = 7;
  o.h_scale = 5;
  const auto read = read_detection_options(write_detection_options(o));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->max_detections, 3);
  EXPECT_EQ(read->detections_per_class, 7);
  EXPECT_TRUE(read->use_regular_nms);
  EXPECT_EQ(read->nms_iou_threshold, 0.5f);
  EXPECT_EQ(read->h_scale, 5.0f);
}

TEST(DetectionPostprocess, RefusesOptionsThatAreNoMap) {
  Detector d(Buffer::of(std::vector<uint8_t>{1, 2, 3, 4}));
  EXPECT_EQ(d.g.error(d.inputs(kScores)),
            "subgraph 0, node 0 TFLite_Detection_PostProcess \"out_boxes\"\n"
            "  found     bytes that are no FlexBuffer map\n"
            "  expected  a FlexBuffer map of the op's options\n"
            "  to mend   the file was cut, edited or damaged; convert it again");
}

TEST(DetectionPostprocess, TakesNumbersOfOtherTypesThatTheFieldCanHold) {
  const auto read = read_detection_options(map([](flexbuffers::Builder& to) {
    to.Double("max_detections", 5);
    to.Int("use_regular_nms", 1);
    to.Int("y_scale", 10);
  }));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->max_detections, 5);
  EXPECT_TRUE(read->use_regular_nms);
  EXPECT_EQ(read->y_scale, 10.0f);
}

TEST(DetectionPostprocess, RefusesOptionsThatTheFieldCannotHold) {
  const auto error = [](auto write) {
    const auto read = read_detection_options(map(write));
    return read ? "none" : read.error().found + " for " + read.error().expected;
  };
  using To = flexbuffers::Builder&;
  EXPECT_EQ(error([](To to) { to.Double("max_detections", 4.25e37); }),
            "option max_detections: 4.25e+37 for a 32-bit integer");
  EXPECT_EQ(error([](To to) { to.Int("num_classes", int64_t{1} << 40); }),
            "option num_classes: 1099511627776 for a 32-bit integer");
  EXPECT_EQ(error([](To to) { to.String("num_classes", "90"); }), "option num_classes: no number for a 32-bit integer");
  EXPECT_EQ(error([](To to) { to.Float("use_regular_nms", std::nanf("")); }),
            "option use_regular_nms: nan for false or true");
  EXPECT_EQ(error([](To to) { to.Double("w_scale", 1e300); }), "option w_scale: 1e+300 for a finite 32-bit float");
}

TEST(DetectionPostprocess, RefusesClassesThatTheScoresDoNotHave) {
  DetectionPostprocess o = options();
  o.num_classes = 9;
  Detector d(write_detection_options(o));
  EXPECT_EQ(d.g.error(d.inputs(kScores)),
            "subgraph 0, node 0 TFLite_Detection_PostProcess \"out_boxes\"\n"
            "  found     num_classes 9 for 3 scores a box\n"
            "  expected  as many, or one less where the first is the background\n"
            "  to mend   the file was edited or damaged; convert it again");
}

}  // namespace
}  // namespace monolite::ops
