#include "monolite/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/model_inputs.h"
#include "api/next_lines.h"
#include "base/text.h"
#include "image/draw.h"
#include "image/overlay.h"
#include "image/palette.h"
#include "image/read.h"
#include "legalize/merge.h"
#include "ops/infer_shapes.h"
#include "tasks/output.h"
#include "tasks/task.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

constexpr image::Color kChanged{255, 0, 255}, kPaper{255, 255, 255}, kInk{0, 0, 0};

// Labels of a picture as a model gives them, cut to what the picture fills of the input.
image::Mask cut_labels(const ops::Value& labels, int32_t row, int32_t width, int32_t height) {
  image::Mask mask(width, height);
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      const double label = tasks::stored_number(labels, int64_t{y} * row + x);
      mask.row(y)[x] = static_cast<uint16_t>(std::clamp(label, 0.0, 65535.0));
    }
  }
  return mask;
}

// The fix that is commonly published: the same model with align_corners dropped. Nothing where it has none.
std::optional<Model> published_fix(const Model& model) {
  Model changed = model;
  bool is_changed = false;
  for (Node& node : changed.main().nodes) {
    const AttributeValue* flag = node.attributes.find("align_corners");
    if (flag == nullptr || !std::holds_alternative<bool>(*flag) || !std::get<bool>(*flag)) continue;
    node.attributes.set("align_corners", false);
    is_changed = true;
  }
  return is_changed ? std::optional(std::move(changed)) : std::nullopt;
}

// The first output of each model on the inputs of the first; what they share is computed once.
Expected<std::vector<ops::Value>> first_outputs(const std::vector<const Model*>& models, size_t output,
                                                const std::vector<ops::Value>& inputs) {
  legalize::Merger merger;
  const Graph& original = models[0]->main();
  std::vector<TensorId> own, outputs;
  for (const TensorId id : original.inputs) own.push_back(merger.add_input(original.tensor(id)));
  for (const Model* model : models) {
    const Graph& g = model->main();
    std::vector<TensorId> converted;
    for (size_t i = 0; i < own.size(); ++i) converted.push_back(merger.convert(own[i], g.tensor(g.inputs[i])));
    ML_ASSIGN(const auto made, merger.add(*model, converted));
    outputs.push_back(merger.convert(made[output], original.tensor(original.outputs[output])));
  }
  merger.graph().outputs = std::move(outputs);
  const Model merged = merger.take();
  return ops::evaluate(merged, inputs);
}

struct Panel {
  std::string title;
  image::Mask labels;
  int64_t changed = 0;
};

image::Image draw_panel(const image::Image& picture, const Panel& panel, const image::Mask& original) {
  image::Image drawn = picture;
  std::vector<image::Color> colors;
  for (int label = 0; label < 256; ++label) colors.push_back(image::pascal_color(label));
  image::tint(drawn, panel.labels, colors, 0);
  for (int32_t y = 0; y < drawn.height; ++y) {
    for (int32_t x = 0; x < drawn.width; ++x) {
      if (panel.labels.row(y)[x] == original.row(y)[x]) continue;
      uint8_t* pixel = drawn.at(x, y);
      pixel[0] = kChanged.r, pixel[1] = kChanged.g, pixel[2] = kChanged.b;
    }
  }
  return drawn;
}

// The panels beside each other, each under its title and its count.
image::Image side_by_side(const image::Image& picture, const std::vector<Panel>& panels) {
  constexpr int32_t kGap = 8;
  const int scale = std::max(1, image::text_scale(picture));
  const int32_t line = image::text_height(scale) + 4, head = 2 * line + 4;
  const auto count = static_cast<int32_t>(panels.size());
  image::Image all(count * picture.width + (count + 1) * kGap, picture.height + head + kGap, kPaper);
  for (int32_t k = 0; k < count; ++k) {
    const Panel& panel = panels[static_cast<size_t>(k)];
    const int32_t left = kGap + k * (picture.width + kGap);
    const image::Image drawn = draw_panel(picture, panel, panels[0].labels);
    for (int32_t y = 0; y < picture.height; ++y) {
      std::copy_n(drawn.at(0, y), 3 * picture.width, all.at(left, head + y));
    }
    image::text(all, left, 4, panel.title, kInk, scale);
    if (k > 0) {
      image::text(all, left, 4 + line, with_commas(panel.changed) + " pixels changed",
                  panel.changed > 0 ? kChanged : kInk, scale);
    }
  }
  return all;
}

tasks::TensorShapes shapes_of(const Model& model) {
  const ops::Inference inference = ops::infer_shapes(model);
  tasks::TensorShapes shapes(model.main().tensors.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (inference.states[i].has_shape) shapes[i] = inference.states[i].shape;
  }
  return shapes;
}

int64_t differing(const image::Mask& a, const image::Mask& b) {
  int64_t count = 0;
  for (size_t i = 0; i < a.labels.size(); ++i) count += a.labels[i] != b.labels[i];
  return count;
}

// Labels and pictures of the original model, the published fix and ours.
Expected<void> show(const FixOptions& options, const std::string& picture_file, FixReport& report) {
  ML_ASSIGN(const Model before, tflite::read_file(options.model));
  ML_ASSIGN(const Model after, tflite::read_file(report.legalized.output));
  const tasks::TensorShapes shapes = shapes_of(before);
  const tasks::Task task = tasks::recognise(before, shapes);
  ML_ASSIGN(const auto opened, open_inputs(before, {{"", options.image}}, false));
  ML_ASSIGN(const auto fed, feed_inputs(before, shapes, opened, {task.kind, tasks::usual_fit(task.kind)}));
  std::vector<ops::Value> values;
  for (const FedInput& f : fed) values.push_back(f.value);
  if (!task.picture || !fed[task.picture->index].feed) return {};
  const tasks::Feed& feed = *fed[task.picture->index].feed;
  report.fed = feed.line;
  const Tensor& output = before.main().tensor(before.main().outputs[task.output]);
  if (task.kind != tasks::TaskKind::segmentation || !is_integer(output.dtype) || output.quantization.is_quantized())
    return {};
  const std::optional<Model> published = published_fix(before);
  std::vector<const Model*> models = {&before, &after};
  if (published) models.push_back(&*published);
  ML_ASSIGN(const auto labels, first_outputs(models, task.output, values));
  const int32_t width = feed.placement.to_width, height = feed.placement.to_height;
  std::vector<Panel> panels = {{"original", cut_labels(labels[0], feed.input_width, width, height)}};
  if (published) panels.push_back({"align_corners dropped", cut_labels(labels[2], feed.input_width, width, height)});
  panels.push_back({"this file", cut_labels(labels[1], feed.input_width, width, height)});
  for (Panel& panel : panels) panel.changed = differing(panel.labels, panels[0].labels);
  report.pixels = int64_t{width} * height;
  report.object_pixels =
      std::count_if(panels[0].labels.labels.begin(), panels[0].labels.labels.end(), [](uint16_t l) { return l != 0; });
  report.has_published = published.has_value();
  if (published) report.published_changed = panels[1].changed;
  report.changed = panels.back().changed;
  ML_ASSIGN(const image::Image scaled,
            image::resize_bilinear(*opened[task.picture->index].picture, feed.placement.from, width, height));
  ML_TRY(image::write_png(side_by_side(scaled, panels), picture_file));
  report.picture = picture_file;
  return {};
}

}  // namespace

Expected<FixReport> fix_file(const FixOptions& options) {
  namespace fs = std::filesystem;
  LegalizeOptions o;
  o.model = options.model;
  o.targets = {options.target};
  o.command = options.command;
  const std::string stem = fs::path(options.model).stem().string();
  o.output = options.output.empty() ? stem + "_" + options.target + ".tflite" : options.output;
  std::error_code ignored;
  if (fs::equivalent(options.model, o.output, ignored)) {
    return Unexpected(usage_error("-o", printable(o.output), "another file than the model itself"));
  }
  if (!options.image.empty()) o.inputs = {options.image};
  FixReport report;
  ML_ASSIGN(report.legalized, legalize_file(o));
  if (!report.legalized.is_written) return report;
  const std::string picture =
      options.picture.empty() ? fs::path(o.output).replace_extension(".png").string() : options.picture;
  if (!options.image.empty()) ML_TRY(show(options, picture, report));
  report.next = next_lines(o.output, options.target);
  return report;
}

}  // namespace monolite
