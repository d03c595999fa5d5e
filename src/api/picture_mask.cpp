#include "api/picture_mask.h"

#include "api/model_inputs.h"
#include "runtime/session.h"
#include "tasks/answers.h"

namespace monolite {

Expected<image::Mask> picture_mask(const Model& model, const image::Image& picture) {
  const tasks::TensorShapes shapes = inferred_shapes(model);
  const tasks::Task task = tasks::recognise(model, shapes);
  if (task.kind != tasks::TaskKind::segmentation || !task.picture) {
    const std::string found = "a model for " + std::string(tasks::name(task.kind));
    return Unexpected(input_error(model.path, found, "one that labels the pixels of a picture"));
  }
  std::vector<OpenedInput> opened(model.main().inputs.size());
  opened[task.picture->index].picture = picture;
  ML_ASSIGN(const auto inputs, feed_inputs(model, shapes, opened, {task.kind, tasks::usual_fit(task.kind)}));
  std::vector<ops::Value> values;
  for (const FedInput& in : inputs) values.push_back(in.value);
  ML_ASSIGN(const auto session, runtime::Session::create(model, {}));
  ML_ASSIGN(const auto outputs, session->run(values));
  return tasks::segmentation_mask(outputs[task.output], *inputs[task.picture->index].feed);
}

}  // namespace monolite
