#include "monolite/edit.h"

#include <fmt/format.h>

#include <filesystem>

#include "api/receipt.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "editing/border.h"
#include "editing/cut.h"
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
  const bool is_empty = !o.detach_detection && o.inputs.empty() && o.outputs.empty() && o.split.empty() &&
                        !o.strip_quantize && o.io.empty() && o.renames.empty();
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
