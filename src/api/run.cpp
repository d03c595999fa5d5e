#include "monolite/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/model_inputs.h"
#include "api/model_labels.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "image/overlay.h"
#include "image/png.h"
#include "image/read.h"
#include "ops/infer_shapes.h"
#include "runtime/session.h"
#include "tasks/answers.h"
#include "tasks/labels.h"
#include "tasks/npy_value.h"
#include "tasks/output.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

using tasks::TaskKind;

tasks::TensorShapes inferred_shapes(const Model& model, const std::map<TensorId, Shape>& input_shapes) {
  const ops::Inference inference = ops::infer_shapes(model, 0, input_shapes);
  tasks::TensorShapes shapes(model.main().tensors.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    const Shape& stated = model.main().tensors[i].shape;
    if (inference.states[i].has_shape) {
      shapes[i] = inference.states[i].shape;
    } else if (stated.rank() > 0 && stated.is_valid()) {
      shapes[i] = stated;  // known only while the graph runs; the file's word is the best there is
    }
  }
  return shapes;
}

// One run, from the files to the report. The members are filled in the order in which they stand.
struct Run {
  const RunOptions& options;
  RunReport report = {};
  Model model = {};
  std::vector<OpenedInput> opened = {};
  std::map<TensorId, Shape> input_shapes = {};
  tasks::Task task = {};
  std::vector<FedInput> inputs = {};
  std::vector<ops::Value> outputs = {};
  tasks::Labels labels = {};
  std::vector<image::Color> colors = {};

  const Graph& graph() const { return model.main(); }
  const Tensor& output(size_t i) const { return graph().tensor(graph().outputs[i]); }

  // The picture that answers are drawn on, where one was given.
  const image::Image* picture() const {
    if (!task.picture) return nullptr;
    const OpenedInput& in = opened[task.picture->index];
    return in.picture ? &*in.picture : nullptr;
  }

  // How the picture lies in the input. What came as an array is a picture of the input's own size.
  tasks::Feed feed() const {
    const FedInput& in = inputs[task.picture->index];
    if (in.feed) return *in.feed;
    tasks::Feed whole;
    const tasks::PictureInput& p = *task.picture;
    whole.picture_width = whole.input_width = p.width;
    whole.picture_height = whole.input_height = p.height;
    whole.placement = image::place(image::Fit::stretch, p.width, p.height, p.width, p.height);
    whole.normalization = {{0}, {1}};
    return whole;
  }

  Expected<void> check_options() const {
    if (options.backend != "fast" && options.backend != "reference") {
      return Unexpected(usage_error("--backend", printable(options.backend), "fast or reference"));
    }
    return {};
  }

  // A model without inputs computes the same each time.
  Expected<void> check_inputs() const {
    if (!options.inputs.empty() || graph().inputs.empty()) return {};
    return Unexpected(usage_error("run", "no input", "a picture, a .npy, or raw bytes with --raw",
                                  "monolite run MODEL IMAGE, or monolite run MODEL --input [NAME=]FILE"));
  }

  Expected<void> find_task(const tasks::TensorShapes& shapes) {
    if (options.task.empty()) {
      task = tasks::recognise(model, shapes);
    } else {
      ML_ASSIGN(const TaskKind kind, tasks::task_from_name(options.task));
      ML_ASSIGN(task, tasks::recognise_as(kind, model, shapes));
    }
    report.task = tasks::name(task.kind);
    return check_files_asked_for();
  }

  // Before the time is spent: can the task give what is asked for?
  Expected<void> check_files_asked_for() const {
    const auto refuse = [&](const char* flag, const std::string& what) {
      const bool is_known = task.kind != TaskKind::other;
      return Unexpected(usage_error(flag, is_known ? "a model for " + report.task : "a model of no known task", what,
                                    "take the raw outputs with --dump-outputs, or name the task with --task"));
    };
    if (!options.mask.empty() && task.kind != TaskKind::segmentation) return refuse("--mask", "a segmentation model");
    if (options.overlay.empty()) return {};
    if (task.kind == TaskKind::other) return refuse("--overlay", "a model whose task is known");
    if (picture() == nullptr && task.kind != TaskKind::super_resolution) {
      return Unexpected(usage_error("--overlay", "no picture among the inputs", "a picture to draw on",
                                    "give the picture itself, not a .npy"));
    }
    return {};
  }

  Expected<void> feed(const tasks::TensorShapes& shapes) {
    FeedRequest request{task.kind, tasks::usual_fit(task.kind)};
    if (!options.resize.empty()) {
      ML_ASSIGN(request.fit, tasks::fit_from_name(options.resize));
    }
    ML_ASSIGN(inputs, feed_inputs(model, shapes, opened, request));
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::string name = printable(graph().tensor(graph().inputs[i]).name);
      report.inputs.push_back({name, opened[i].file, inputs[i].how});
      if (opened[i].file.empty()) report.remarks.push_back("input \"" + name + "\" was given no file: it is fed zeros");
    }
    return {};
  }

  Expected<void> compute() {
    std::vector<ops::Value> values;
    for (const FedInput& in : inputs) values.push_back(in.value);
    const auto start = Clock::now();
    report.backend = options.backend;
    if (options.backend == "reference") {
      auto evaluated = ops::evaluate(model, values);
      if (!evaluated) return Unexpected(at_open_size(model, input_shapes, std::move(evaluated).error()));
      outputs = std::move(*evaluated);
      report.inference_ms = ms_since(start);
      return {};
    }
    runtime::SessionOptions session_options;
    session_options.num_threads = options.num_threads;
    session_options.input_shapes = input_shapes;
    Buffer file;
    if (!options.weight_cache_file.empty()) {
      ML_ASSIGN(file, map_file(options.model));
      session_options.weight_cache_file = options.weight_cache_file;
      session_options.model_bytes = file.bytes();
    }
    const auto created = runtime::Session::create(model, session_options);
    if (!created) return Unexpected(at_open_size(model, input_shapes, created.error()));
    const auto& session = *created;
    report.num_threads = session->num_threads();
    report.load_ms += ms_since(start);
    const auto planned = Clock::now();
    ML_ASSIGN(outputs, session->run(values));
    report.inference_ms = ms_since(planned);
    return {};
  }

  Expected<void> find_labels() {
    if (!options.labels.empty()) {
      ML_ASSIGN(labels, tasks::read_labels(options.labels));
    } else if (auto own = own_labels(model, report.remarks)) {
      labels = std::move(*own);
    } else {
      labels = task.kind == TaskKind::detection ? tasks::built_in_detection_labels(task.classes)
                                                : tasks::built_in_labels(task.classes);
    }
    labels = tasks::fit_labels(std::move(labels), task.classes);
    // Detectors number classes without the background that such a list may begin with.
    if (task.kind == TaskKind::detection && labels.background() == 0) labels.names.erase(labels.names.begin());
    report.labels_from = labels.source;
    colors = tasks::colors_for(task.kind == TaskKind::segmentation ? task.classes : 0);
    return {};
  }

  // Of a label in the mask.
  image::Color color(int64_t label) const {
    return label >= 0 && label < static_cast<int64_t>(colors.size()) ? colors[static_cast<size_t>(label)]
                                                                     : image::Color{};
  }
  // Of a class or a box: never the black of a background.
  image::Color bright_color(int64_t label) const {
    return colors[1 + static_cast<size_t>(std::max<int64_t>(label, 0)) % (colors.size() - 1)];
  }

  Expected<void> write(const std::string& path, const std::vector<std::byte>& bytes) {
    ML_TRY(write_file(path, bytes));
    report.written.push_back(path);
    return {};
  }

  Expected<void> write_overlay(const image::Image& drawn) {
    ML_ASSIGN(const auto png, image::encode_png(drawn));
    return write(options.overlay, png);
  }

  Expected<void> answer_segmentation() {
    const tasks::Feed f = feed();
    ML_ASSIGN(const image::Mask mask, tasks::segmentation_mask(outputs[task.output], f));
    report.result_width = mask.width;
    report.result_height = mask.height;
    for (const auto& s : tasks::label_shares(mask, f.placement.from)) {
      report.labels.push_back({s.label, s.pixels, labels.name(s.label), s.share});
    }
    if (!options.mask.empty()) {
      ML_ASSIGN(const auto png, image::encode_png(mask, colors));
      ML_TRY(write(options.mask, png));
    }
    if (options.overlay.empty()) return {};
    image::Image drawn = *picture();
    image::tint(drawn, mask, colors, labels.background());
    std::vector<image::LegendEntry> legend;
    for (const auto& l : report.labels) {
      if (l.label == labels.background()) continue;
      legend.push_back({fmt::format("{} {:.1f}%", l.name, 100 * l.share), color(l.label)});
    }
    image::draw_legend(drawn, legend);
    return write_overlay(drawn);
  }

  Expected<void> answer_classification() {
    const Quantization& q = output(task.output).quantization;
    for (const auto& c : tasks::top_classes(outputs[task.output], q, options.top)) {
      report.classes.push_back({c.label, labels.name(c.label), c.score});
    }
    if (options.overlay.empty()) return {};
    image::Image drawn = *picture();
    std::vector<image::LegendEntry> legend;
    for (const auto& c : report.classes)
      legend.push_back({fmt::format("{} {:.3g}", c.name, c.score), bright_color(c.label)});
    image::draw_legend(drawn, legend);
    return write_overlay(drawn);
  }

  Expected<void> answer_detection() {
    ML_ASSIGN(const auto found, tasks::boxes(outputs, task.detection, feed(), options.min_score));
    std::vector<image::LabelledBox> drawn_boxes;
    for (const auto& b : found) {
      const std::string name = labels.name(b.label);
      report.boxes.push_back(
          {b.label, name, b.score, b.rect.left, b.rect.top, b.rect.left + b.rect.width, b.rect.top + b.rect.height});
      drawn_boxes.push_back({b.rect, fmt::format("{} {:.0f}%", name, 100 * b.score), bright_color(b.label)});
    }
    if (options.overlay.empty()) return {};
    image::Image drawn = *picture();
    image::draw_boxes(drawn, drawn_boxes);
    return write_overlay(drawn);
  }

  Expected<void> answer_super_resolution() {
    const Quantization& q = output(task.output).quantization;
    ML_ASSIGN(const image::Image enlarged, tasks::enlarged_picture(outputs[task.output], q, feed()));
    report.result_width = enlarged.width;
    report.result_height = enlarged.height;
    return options.overlay.empty() ? Expected<void>() : write_overlay(enlarged);
  }

  Expected<void> answer() {
    const bool has_labels = task.kind != TaskKind::super_resolution && task.kind != TaskKind::other;
    if (has_labels || !options.labels.empty()) ML_TRY(find_labels());
    switch (task.kind) {
      case TaskKind::segmentation:
        return answer_segmentation();
      case TaskKind::classification:
        return answer_classification();
      case TaskKind::detection:
        return answer_detection();
      case TaskKind::super_resolution:
        return answer_super_resolution();
      case TaskKind::other:
        return {};
    }
    return {};
  }

  void summarize() {
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto s = tasks::summarize(outputs[i], output(i).quantization, printable(output(i).name));
      report.outputs.push_back({s.name, s.dtype, s.shape, s.min, s.max, s.mean, s.not_finite, s.first});
    }
  }

  // N.npy where NumPy has the type; N.bin where `with_bytes` or where it has not.
  Expected<void> dump(const std::string& folder, const std::vector<ops::Value>& values, bool with_bytes) {
    ML_TRY(make_folder(folder));
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string path = folder + "/" + std::to_string(i);
      const auto array = tasks::to_npy(values[i]);
      if (array) ML_TRY(image::write_npy(*array, path + ".npy"));
      if (!array || with_bytes) ML_TRY(write_file(path + ".bin", values[i].data.bytes()));
    }
    report.written.push_back(folder + "/");
    return {};
  }

  Expected<void> dump_inputs() {
    std::vector<ops::Value> values;
    for (const FedInput& in : inputs) values.push_back(in.value);
    return dump(options.dump_inputs, values, true);
  }

  Expected<void> all() {
    ML_TRY(check_options());
    const auto start = Clock::now();
    report.file = options.model;
    ML_ASSIGN(model, tflite::read_file(options.model));
    report.load_ms = ms_since(start);
    std::vector<GivenInput> given;
    for (const auto& in : options.inputs) given.push_back({in.name, in.file});
    ML_TRY(check_inputs());
    ML_ASSIGN(opened, open_inputs(model, given, options.is_raw));
    input_shapes = opened_shapes(model, opened);
    const tasks::TensorShapes shapes = inferred_shapes(model, input_shapes);
    ML_TRY(find_task(shapes));
    ML_TRY(feed(shapes));
    if (!options.dump_inputs.empty()) ML_TRY(dump_inputs());
    ML_TRY(compute());
    if (!options.dump_outputs.empty()) ML_TRY(dump(options.dump_outputs, outputs, false));
    summarize();
    return answer();
  }
};

}  // namespace

Expected<RunReport> run(const RunOptions& options) {
  Run r{options};
  ML_TRY(r.all());
  return std::move(r.report);
}

}  // namespace monolite
