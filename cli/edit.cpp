#include "monolite/edit.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

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

// "127.5" or "123.7:116.8:103.9", one a channel.
Expected<std::vector<float>> numbers(const std::string& text) {
  std::vector<float> all;
  for (const std::string& word : split(text, ':')) {
    float value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) {
      return Unexpected(usage_error("--metadata", printable(word), "a number, or one a channel: 123.7:116.8:103.9"));
    }
    all.push_back(value);
  }
  return all;
}

// "mean=127.5,std=127.5,labels=FILE"
Expected<void> take_metadata(const std::string& text, EditOptions& o) {
  for (const std::string& word : split(text, ',')) {
    const size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (value.empty() || (key != "mean" && key != "std" && key != "labels")) {
      return Unexpected(usage_error("--metadata", printable(word), "mean=, std= or labels=, with a value"));
    }
    if (key == "labels") {
      o.labels = value;
    } else {
      ML_ASSIGN((key == "mean" ? o.mean : o.std), numbers(value));
    }
  }
  for (const float s : o.std) {
    if (s == 0) return Unexpected(usage_error("--metadata", "std=0", "a number to divide by"));
  }
  return {};
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
  std::string out, metadata;
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
      .flag("metadata", metadata, "mean=,std=,labels=FILE", "stated in the model: (x - mean) / std, names of labels")
      .flag("attach-detection-postprocess", o.attach_detection, "end with boxes, classes, scores and their count")
      .flag("anchors", o.anchors, "FILE", "for it: .npy (N x 4) or .tflite; without, SSD MobileNet's")
      .flag("detach-detection-postprocess", o.detach_detection, "end with box encodings and class scores")
      .example("monolite edit deeplab.tflite -o scores.tflite --outputs ResizeBilinear_2 --io float32")
      .example("monolite edit deeplab.tflite -o head.tflite,tail.tflite --split ResizeBilinear_1")
      .example("monolite edit net.tflite -o named.tflite --metadata mean=127.5,std=127.5,labels=labels.txt");
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
  if (!metadata.empty()) {
    if (const auto taken = take_metadata(metadata, o); !taken) return args.fail(taken.error());
  }
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
