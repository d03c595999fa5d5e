#include <filesystem>

#include "base/text.h"
#include "eval/segmentation.h"
#include "image/read.h"
#include "ops/infer_shapes.h"
#include "runtime/session.h"
#include "tasks/answers.h"
#include "tasks/npy_value.h"

namespace monolite::eval {
namespace {

namespace fs = std::filesystem;

image::Image picture_of(const data::Sample& s) {
  image::Image picture;
  picture.width = s.width;
  picture.height = s.height;
  picture.rgb = s.image;
  return picture;
}

class ModelPredictor final : public Predictor {
 public:
  ModelPredictor(const Model& model, const tasks::Task& task, image::Fit fit,
                 std::optional<tasks::Normalization> normalization)
      : model_(model), task_(task), fit_(fit), normalization_(std::move(normalization)) {}

  Expected<void> plan(bool is_reference) {
    if (is_reference) return {};
    runtime::SessionOptions options;
    options.num_threads = 1;
    ML_ASSIGN(session_, runtime::Session::create(model_, std::move(options)));
    return {};
  }

  Expected<Prediction> predict(const data::Sample& s) override {
    const Graph& g = model_.main();
    ML_ASSIGN(tasks::Feed feed,
              tasks::feed_picture(picture_of(s), g.tensor(g.inputs[task_.picture->index]), *task_.picture,
                                  tasks::TaskKind::segmentation, fit_, normalization_));
    std::vector<ops::Value> inputs{std::move(feed.value)};
    auto outputs = session_ ? session_->run(inputs) : ops::evaluate(model_, inputs);
    if (!outputs) return Unexpected(outputs.error().at(printable(s.name)));
    feed.value = {};
    ML_ASSIGN(image::Mask labels, tasks::output_labels((*outputs)[task_.output]));
    return Prediction{std::move(labels), std::move(feed), false};
  }

 private:
  const Model& model_;
  tasks::Task task_;
  image::Fit fit_;
  std::optional<tasks::Normalization> normalization_;
  std::unique_ptr<runtime::Session> session_;
};

// [H,W] -> [1,H,W]; [H,W,C] of numbers with a fraction, which are scores, -> [1,H,W,C].
Expected<ops::Value> as_output(const image::NpyArray& array, const std::string& file) {
  ML_ASSIGN(ops::Value v, tasks::to_value(array, printable(file)));
  const bool is_map = v.shape.rank() == 2;
  const bool is_scores = v.shape.rank() == 3 && (v.shape[0] != 1 || array.kind == 'f');
  if (!is_map && !is_scores) return v;
  Shape shape{1};
  for (const int32_t extent : v.shape) shape.push_back(extent);
  v.shape = std::move(shape);
  return v;
}

class FolderPredictor final : public Predictor {
 public:
  FolderPredictor(std::string folder, image::Fit fit) : folder_(std::move(folder)), fit_(fit) {}

  Expected<Prediction> predict(const data::Sample& s) override {
    const std::string stem = (fs::path(folder_) / fs::path(s.name).stem()).string();
    std::error_code ignored;
    Prediction p;
    if (fs::exists(stem + ".png", ignored)) {
      ML_ASSIGN(p.labels, image::read_mask(stem + ".png"));
    } else if (fs::exists(stem + ".npy", ignored)) {
      ML_ASSIGN(const image::NpyArray array, image::read_npy(stem + ".npy"));
      ML_ASSIGN(const ops::Value value, as_output(array, stem + ".npy"));
      auto labels = tasks::output_labels(value);
      if (!labels) return Unexpected(labels.error().at(printable(stem + ".npy")));
      p.labels = std::move(*labels);
    } else {
      return Unexpected(input_error(printable(s.name), "no prediction for this picture",
                                    printable(stem) + ".png or .npy", "run the device on it, or lower --samples"));
    }
    p.is_in_picture = p.labels.width == s.width && p.labels.height == s.height;
    p.feed.picture_width = s.width;
    p.feed.picture_height = s.height;
    p.feed.input_width = p.labels.width;
    p.feed.input_height = p.labels.height;
    p.feed.placement = image::place(fit_, s.width, s.height, p.labels.width, p.labels.height);
    return p;
  }

 private:
  std::string folder_;
  image::Fit fit_;
};

tasks::TensorShapes shapes_of(const Model& model) {
  const ops::Inference inference = ops::infer_shapes(model);
  tasks::TensorShapes shapes(model.main().tensors.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    const Shape& stated = model.main().tensors[i].shape;
    if (inference.states[i].has_shape) {
      shapes[i] = inference.states[i].shape;
    } else if (stated.rank() > 0 && stated.is_valid()) {
      shapes[i] = stated;
    }
  }
  return shapes;
}

}  // namespace

Expected<tasks::Task> segmentation_task(const Model& model) {
  const tasks::TensorShapes shapes = shapes_of(model);
  tasks::Task task = tasks::recognise(model, shapes);
  if (task.kind != tasks::TaskKind::segmentation) {
    ML_ASSIGN(task, tasks::recognise_as(tasks::TaskKind::segmentation, model, shapes));
  }
  if (model.main().inputs.size() != 1 || !task.picture) {
    return Unexpected(input_error(printable(model.path), "a model that takes more than one picture",
                                  "one picture in, labels or scores out"));
  }
  return task;
}

Expected<std::unique_ptr<Predictor>> model_predictor(const Model& model, image::Fit fit,
                                                     const std::optional<tasks::Normalization>& normalization,
                                                     bool is_reference) {
  ML_ASSIGN(const tasks::Task task, segmentation_task(model));
  auto predictor = std::make_unique<ModelPredictor>(model, task, fit, normalization);
  ML_TRY(predictor->plan(is_reference));
  return predictor;
}

std::unique_ptr<Predictor> folder_predictor(std::string folder, image::Fit fit) {
  return std::make_unique<FolderPredictor>(std::move(folder), fit);
}

}  // namespace monolite::eval
