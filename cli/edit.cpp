#include "monolite/edit.h"

#include <fmt/format.h>

#include "base/text.h"
#include "json.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

std::vector<std::string> names(const std::vector<std::string>& values) {
  std::vector<std::string> all;
  for (const std::string& value : values) {
    for (std::string& name : split(value, ',')) all.push_back(std::move(name));
  }
  return all;
}

Expected<std::vector<std::pair<std::string, std::string>>> renames(const std::vector<std::string>& values) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string& value : values) {
    const size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == value.size()) {
      return Unexpected(usage_error("--rename", value, "OLD=NEW"));
    }
    all.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  }
  return all;
}

Json to_json(const EditReport& r) {
  Json files = Json::array();
  for (const auto& f : r.files) {
    files.push_back({{"file", f.file}, {"nodes", f.nodes}, {"inputs", f.inputs}, {"outputs", f.outputs}});
  }
  return {{"files", files}};
}

void print_text(const EditReport& r) {
  for (const auto& f : r.files) {
    fmt::print("{}: {} nodes\n", f.file, f.nodes);
    for (const std::string& i : f.inputs) fmt::print("  input   {}\n", i);
    for (const std::string& o : f.outputs) fmt::print("  output  {}\n", o);
  }
}

}  // namespace

int edit(Args& args) {
  EditOptions o;
  std::string out;
  std::vector<std::string> inputs, outputs, between, renamed;
  args.positional("MODEL", o.model, "a .tflite")
      .flag("out", out, "OUT|HEAD,TAIL", "the model to write; two with --split")
      .short_name("-o")
      .flags("inputs", inputs, "NAME,…", "tensors that become the inputs")
      .flags("outputs", outputs, "NAME,…", "tensors that become the outputs")
      .flags("split", between, "NAME,…", "two models, cut at these tensors")
      .flag("io", o.io, "float32|uint8|int8", "type of inputs and outputs; labels stay")
      .flag("strip-quantize", o.strip_quantize, "QUANTIZE and DEQUANTIZE at the border go")
      .flags("rename", renamed, "OLD=NEW", "another name for a tensor")
      .flag("detach-detection-postprocess", o.detach_detection, "end with box encodings and class scores")
      .example("monolite edit deeplab.tflite -o scores.tflite --outputs ResizeBilinear_2 --io float32")
      .example("monolite edit deeplab.tflite -o head.tflite,tail.tflite --split ResizeBilinear_1");
  if (const auto code = args.parse()) return *code;
  const auto files = split(out, ',');
  if (files.empty() || files.size() > 2)
    return args.fail(usage_error("-o", out, "the model to write: OUT, or HEAD,TAIL"));
  o.out = files[0];
  if (files.size() == 2) o.out_tail = files[1];
  o.inputs = names(inputs);
  o.outputs = names(outputs);
  o.split = names(between);
  o.command = "monolite edit";
  for (const std::string& word : args.arguments()) o.command += " " + word;
  auto pairs = renames(renamed);
  if (!pairs) return args.fail(pairs.error());
  o.renames = std::move(*pairs);
  const auto report = monolite::edit(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(*report);
  }
  return kYes;
}

}  // namespace monolite::cli
