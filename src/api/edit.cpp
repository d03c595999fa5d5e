#include "monolite/edit.h"

#include <fmt/format.h>

#include <filesystem>

#include "api/receipt.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "editing/border.h"
#include "editing/cut.h"
#include "editing/detection.h"
#include "image/npy.h"
#include "tasks/labels.h"
#include "tflite/metadata.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite {
namespace {

Expected<std::vector<TensorId>> find_all(const Model& model, const std::vector<std::string>& names) {
  std::vector<TensorId> ids;
  for (const std::string& name : names) {
    ML_ASSIGN(const TensorId id, editing::find_tensor(model, name));
    ids.push_back(id);
  }
  return ids;
}

Expected<void> cut(Model& model, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  ML_ASSIGN(const auto in, find_all(model, inputs));
  ML_ASSIGN(const auto out, find_all(model, outputs));
  return editing::cut(model, in, out);
}

Expected<editing::DetectionTail> tail_of(const EditOptions& o, const Model& model) {
  const Graph& g = model.main();
  int32_t boxes = 0;  // of the encodings, which have four columns
  for (const TensorId id : g.outputs) {
    const Shape& s = g.tensor(id).shape;
    if (s.rank() == 3 && (boxes == 0 || s[2] == 4)) boxes = s[1];
  }
  if (o.anchors.ends_with(".tflite")) {
    ML_ASSIGN(const Model donor, tflite::read_file(o.anchors));
    return editing::detection_tail(donor);
  }
  const Shape in = g.inputs.empty() ? Shape{} : g.tensor(g.inputs[0]).shape;
  if (o.anchors.empty()) {
    if (in.rank() == 4) return editing::ssd_mobilenet_tail(in[1], in[2], boxes);
    return Unexpected(usage_error("--attach-detection-postprocess", "an input that is no picture", "anchors for it",
                                  "--anchors=FILE"));
  }
  ML_ASSIGN(const image::NpyArray anchors, image::read_npy(o.anchors));
  if (anchors.kind != 'f' || anchors.item_bytes != 4 || anchors.shape.size() != 2 || anchors.shape[1] != 4 ||
      anchors.shape[0] > INT32_MAX) {
    return Unexpected(input_error(o.anchors, "an array of another kind", "float32 of shape Nx4: y, x, height, width"));
  }
  editing::DetectionTail tail = editing::plain_detection_tail();
  tail.anchors.shape = {static_cast<int32_t>(anchors.shape[0]), 4};
  tail.anchors.data = anchors.data;
  return tail;
}

// The output whose values have names: a detector's classes, else the first.
Expected<void> state(const EditOptions& o, Model& model) {
  tflite::MetadataChange change{.mean = o.mean, .std = o.std};
  if (!o.labels.empty()) {
    ML_ASSIGN(const Buffer file, map_file(o.labels));
    ML_TRY(tasks::read_labels(o.labels));
    change.labels.assign(reinterpret_cast<const char*>(file.data()), file.size_bytes());
    const Graph& g = model.main();
    const bool is_detector = g.outputs.size() == 4;
    change.labelled_output = is_detector ? 1 : 0;
    if (!g.outputs.empty()) {
      const DType type = g.tensor(g.outputs[0]).dtype;
      change.labels_are_of_values = is_detector || type == DType::int32 || type == DType::int64;
    }
  }
  return tflite::set_metadata(model, change);
}

bool states(const EditOptions& o) { return !o.mean.empty() || !o.std.empty() || !o.labels.empty(); }

// All but the split.
Expected<void> apply(const EditOptions& o, Model& model) {
  if (o.detach_detection) ML_TRY(editing::detach_detection(model));
  if (!o.inputs.empty() || !o.outputs.empty()) ML_TRY(cut(model, o.inputs, o.outputs));
  if (o.strip_quantize) editing::strip_quantize(model);
  if (!o.io.empty()) {
    const auto type = dtype_from_name(o.io);
    if (type != DType::float32 && type != DType::uint8 && type != DType::int8) {
      return Unexpected(usage_error("--io", printable(o.io), "float32, uint8 or int8"));
    }
    ML_TRY(editing::set_border_type(model, *type));
  }
  for (const auto& [from, to] : o.renames) ML_TRY(editing::rename(model, from, to));
  if (o.attach_detection) {
    ML_ASSIGN(auto tail, tail_of(o, model));
    ML_TRY(editing::attach_detection(model, std::move(tail)));
  }
  if (states(o)) ML_TRY(state(o, model));
  return {};
}

Expected<EditReport::File> write(Model& model, const ReceiptStep& step, const std::string& path) {
  add_receipt(model, step);
  ML_TRY(tflite::write_file(model, path));
  EditReport::File f{.file = path, .nodes = static_cast<int>(model.main().nodes.size())};
  const auto describe = [&](TensorId id) {
    const Tensor& t = model.main().tensor(id);
    return fmt::format("{}  {} {}", printable(t.name), name(t.dtype), to_string(t.shape));
  };
  for (const TensorId id : model.main().inputs) f.inputs.push_back(describe(id));
  for (const TensorId id : model.main().outputs) f.outputs.push_back(describe(id));
  return f;
}

Expected<void> check(const EditOptions& o) {
  if (!o.anchors.empty() && !o.attach_detection) {
    return Unexpected(usage_error("--anchors", "no detection post-processing to use them",
                                  "--attach-detection-postprocess beside it"));
  }
  if (o.mean.empty() != o.std.empty()) {
    return Unexpected(usage_error("--metadata", o.mean.empty() ? "std without mean" : "mean without std",
                                  "both: (x - mean) / std is what the model expects"));
  }
  const bool is_empty = !o.detach_detection && !o.attach_detection && !states(o) && o.inputs.empty() &&
                        o.outputs.empty() && o.split.empty() && !o.strip_quantize && o.io.empty() && o.renames.empty();
  if (is_empty)
    return Unexpected(usage_error("edit", "nothing to change", "at least one of its flags", "monolite edit --help"));
  if (o.split.empty() == o.out_tail.empty()) return {};
  return Unexpected(usage_error("-o", o.split.empty() ? "two files" : "one file",
                                o.split.empty() ? "one; two only with --split" : "HEAD,TAIL with --split"));
}

}  // namespace

Expected<EditReport> edit(const EditOptions& o) {
  ML_TRY(check(o));
  ML_ASSIGN(const Buffer source, map_file(o.model));
  ML_ASSIGN(Model model, tflite::read(source, o.model));
  if (auto done = apply(o, model); !done) {
    return Unexpected(done.error().kind == ErrorKind::usage ? done.error() : done.error().at(o.model));
  }
  ReceiptStep step{.verb = "edit", .command = o.command};
  step.source = std::filesystem::path(o.model).filename().string();
  step.source_sha256 = sha256(source.bytes());
  EditReport report;
  Model tail;
  if (!o.split.empty()) {
    tail = model;
    ML_TRY(cut(tail, o.split, {}));
    ML_TRY(cut(model, {}, o.split));
  }
  ML_ASSIGN(auto first, write(model, step, o.out));
  report.files.push_back(std::move(first));
  if (!o.split.empty()) {
    ML_ASSIGN(auto second, write(tail, step, o.out_tail));
    report.files.push_back(std::move(second));
  }
  return report;
}

}  // namespace monolite
