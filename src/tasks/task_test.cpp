#include "tasks/task.h"

#include <gtest/gtest.h>

#include "ir/builder.h"

namespace monolite::tasks {
namespace {

// A model without nodes: only its inputs and outputs.
struct Ends {
  std::vector<Shape> inputs;
  std::vector<std::pair<DType, Shape>> outputs;
};

Model model_with(const Ends& ends) {
  Model model;
  model.graphs.emplace_back();
  GraphBuilder b(model.main());
  for (const Shape& s : ends.inputs) model.main().inputs.push_back(b.tensor("in", DType::uint8, s));
  for (const auto& [dtype, shape] : ends.outputs) b.output(b.tensor("out", dtype, shape));
  return model;
}

TensorShapes shapes_of(const Model& model) {
  TensorShapes shapes;
  for (const Tensor& t : model.main().tensors) shapes.emplace_back(t.shape);
  return shapes;
}

TaskKind kind_of(const Ends& ends) {
  const Model model = model_with(ends);
  return recognise(model, shapes_of(model)).kind;
}

const Shape kPicture{1, 65, 33, 3};

TEST(Recognise, Segmentation) {
  EXPECT_EQ(kind_of({{kPicture}, {{DType::int64, {1, 65, 33}}}}), TaskKind::segmentation);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::int32, {1, 65, 33, 1}}}}), TaskKind::segmentation);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::float32, {1, 65, 33, 21}}}}), TaskKind::segmentation);
}

TEST(Recognise, NoSegmentationWhereSizesOrTypesDiffer) {
  EXPECT_EQ(kind_of({{kPicture}, {{DType::int64, {1, 33, 65}}}}), TaskKind::other);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::float32, {1, 65, 33}}}}), TaskKind::other);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::float32, {1, 5, 3, 21}}}}), TaskKind::other);
}

TEST(Recognise, Classification) {
  EXPECT_EQ(kind_of({{kPicture}, {{DType::uint8, {1, 1001}}}}), TaskKind::classification);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::float32, {1, 1, 1, 10}}}}), TaskKind::classification);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::uint8, {1, 1}}}}), TaskKind::other);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::uint8, {1, 10}}, {DType::uint8, {1, 10}}}}), TaskKind::other);
}

TEST(Recognise, Detection) {
  const Ends ends{
      {kPicture},
      {{DType::float32, {1, 10, 4}}, {DType::float32, {1, 10}}, {DType::float32, {1, 10}}, {DType::float32, {1}}}};
  EXPECT_EQ(kind_of(ends), TaskKind::detection);
}

TEST(Recognise, DetectionByItsOpInAnyOrderOfOutputs) {
  Model model = model_with({{kPicture}, {}});
  GraphBuilder b(model.main());
  const auto raw = b.tensor("raw", DType::float32, {1, 20, 4}),
             scores = b.tensor("scores", DType::float32, {1, 20, 91});
  std::vector<TensorId> outs;
  for (int i = 0; i < 4; ++i) outs.push_back(b.tensor("o", DType::float32, {}));
  b.node(OpCode::CUSTOM, {raw, scores}, outs).custom_code = "TFLite_Detection_PostProcess";
  model.main().outputs = {outs[2], outs[0], outs[3], outs[1]};
  const Task task = recognise(model, shapes_of(model));
  EXPECT_EQ(task.kind, TaskKind::detection);
  EXPECT_EQ(task.classes, 90);
  EXPECT_EQ(task.detection.boxes, 1u);
  EXPECT_EQ(task.detection.classes, 3u);
  EXPECT_EQ(task.detection.scores, 0u);
  EXPECT_EQ(task.detection.count, 2u);
}

TEST(Recognise, SuperResolution) {
  EXPECT_EQ(kind_of({{kPicture}, {{DType::int8, {1, 130, 66, 3}}}}), TaskKind::super_resolution);
  EXPECT_EQ(kind_of({{kPicture}, {{DType::int8, {1, 130, 99, 3}}}}), TaskKind::other);
}

TEST(Recognise, NothingWithoutExactlyOnePicture) {
  EXPECT_EQ(kind_of({{{1, 384}}, {{DType::float32, {1, 384}}}}), TaskKind::other);
  EXPECT_EQ(kind_of({{kPicture, kPicture}, {{DType::float32, {1, 10}}}}), TaskKind::other);
}

TEST(Recognise, CountsTheClassesThatArgMaxChoosesFrom) {
  Model model = model_with({{kPicture}, {}});
  GraphBuilder b(model.main());
  const auto scores = b.tensor("scores", DType::uint8, {1, 65, 33, 19}), axis = b.constant<int32_t>("axis", {}, {3});
  const auto labels = b.tensor("labels", DType::int32, {1, 65, 33}), wide = b.tensor("wide", DType::int64, {1, 65, 33});
  b.node(OpCode::ARG_MAX, {scores, axis}, {labels});
  b.node(OpCode::CAST, {labels}, {wide});
  b.output(wide);
  EXPECT_EQ(recognise(model, shapes_of(model)).classes, 19);
}

TEST(RecogniseAs, TakesTheUsersWordAndSaysWhereItCannotBe) {
  const Model model = model_with({{kPicture}, {{DType::float32, {1, 5, 3, 21}}}});
  const auto task = recognise_as(TaskKind::segmentation, model, shapes_of(model));
  ASSERT_TRUE(task);
  EXPECT_EQ(task->classes, 21);
  const auto wrong = recognise_as(TaskKind::super_resolution, model, shapes_of(model));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().where, "--task super-resolution");
  EXPECT_EQ(wrong.error().found, "outputs 1x5x3x21");
}

TEST(TaskFromName, TakesBothSpellings) {
  EXPECT_EQ(*task_from_name("super_resolution"), TaskKind::super_resolution);
  EXPECT_EQ(*task_from_name("super-resolution"), TaskKind::super_resolution);
  EXPECT_EQ(task_from_name("cooking").error().expected,
            "segmentation, classification, detection, super-resolution, other");
}

}  // namespace
}  // namespace monolite::tasks
