#include "monolite/diagnose.h"

#include "api/device_outputs.h"
#include "api/model_inputs.h"
#include "api/verification_inputs.h"
#include "base/text.h"
#include "diagnosing/diagnose.h"
#include "diagnosing/labels.h"
#include "image/read.h"
#include "runtime/session.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

Expected<diagnosing::Subject> subject_of(const DiagnoseOptions& o, const Model& model) {
  const tasks::Task task = tasks::recognise(model, inferred_shapes(model));
  if (model.main().inputs.size() != 1 || !task.picture) {
    return Unexpected(input_error(o.model, "no model that takes one picture and nothing else", "a segmentation model",
                                  "other models: `monolite diff MODEL --outputs FILE --input F`"));
  }
  ML_ASSIGN(image::Image picture, image::read_image(o.image));
  return diagnosing::Subject{std::move(picture), *task.picture, tasks::TaskKind::segmentation,
                             stated_normalization(model, 0)};
}

// The shapes and types of what the model gives, which raw bytes are split by.
Expected<std::vector<ops::Value>> outputs_of(const Model& model, const diagnosing::Subject& subject) {
  ML_ASSIGN(const tasks::Feed fed, diagnosing::usual_feed(subject, model.main().tensor(model.main().inputs[0])));
  ML_ASSIGN(const auto session, runtime::Session::create(model));
  return session->run(std::span(&fed.value, 1));
}

}  // namespace

Expected<DiagnoseReport> diagnose(const DiagnoseOptions& o) {
  ML_ASSIGN(const Model model, tflite::read_file(o.model));
  ML_ASSIGN(const diagnosing::Subject subject, subject_of(o, model));
  ML_ASSIGN(const auto like, outputs_of(model, subject));
  ML_ASSIGN(const auto given, read_device_outputs(o.output, like));
  if (given.empty()) return Unexpected(input_error(o.output, "no output", "a label map or scores"));
  const auto labels = diagnosing::labels_of(given[0]);
  if (!labels) return Unexpected(labels.error().at(o.output));
  diagnosing::Limits limits;
  limits.progress = o.progress;
  ML_ASSIGN(const diagnosing::Diagnosis d, diagnosing::diagnose(model, subject, *labels, limits));
  DiagnoseReport r{.model = o.model, .image = o.image, .output = o.output, .pixels = d.pixels};
  for (const diagnosing::Explanation& e : d.explanations) {
    if (e.faults.empty()) r.differing = e.unexplained;
    r.explanations.push_back({e.faults, e.mends, e.unexplained});
  }
  r.inferences = d.inferences;
  r.is_complete = d.is_complete;
  const auto allowed = static_cast<double>(r.pixels) * (1 - o.enough);
  r.is_explained = !r.explanations.empty() && static_cast<double>(r.explanations[0].unexplained) <= allowed;
  return r;
}

}  // namespace monolite
