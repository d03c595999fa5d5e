#include "monolite/quantize.h"

#include <fmt/format.h>

#include "base/text.h"
#include "json.h"
#include "post_training_flags.h"
#include "table.h"
#include "verbs.h"
#include "verified_report.h"

namespace monolite::cli {
namespace {

Json to_json(const QuantizeReport::Accuracy& a) {
  return {{"data", a.data},
          {"samples", a.samples},
          {"miou", a.miou},
          {"pixel_accuracy", a.pixel_accuracy},
          {"mean_accuracy", a.mean_accuracy}};
}

Json accuracy_json(const QuantizeReport& r) {
  if (!r.accuracy_before || !r.accuracy_after) return nullptr;
  return {{"before", to_json(*r.accuracy_before)}, {"after", to_json(*r.accuracy_after)}};
}

void print_accuracy(const QuantizeReport& r) {
  if (!r.accuracy_before || !r.accuracy_after) return;
  const auto &before = *r.accuracy_before, &after = *r.accuracy_after;
  fmt::print("\naccuracy on {}:\n", before.data);
  Table table({{""}, {"before", Table::Align::right}, {"after", Table::Align::right}, {"", Table::Align::right}});
  const auto add = [&](const char* what, double a, double b) {
    table.add({what, fmt::format("{:.4f}", a), fmt::format("{:.4f}", b), fmt::format("{:+.4f}", b - a)});
  };
  add("mIoU", before.miou, after.miou);
  add("pixel accuracy", before.pixel_accuracy, after.pixel_accuracy);
  add("mean accuracy", before.mean_accuracy, after.mean_accuracy);
  fmt::print("{}\n", table.text());
}

Json to_json(const QuantizeReport& r) {
  Json layers = Json::array();
  for (const QuantizeReport::Layer& l : r.layers) {
    layers.push_back({{"op", l.op},
                      {"name", l.name},
                      {"weights", l.weights},
                      {"wide", l.wide},
                      {"repeated_inputs", l.repeated_inputs},
                      {"requantized_channels", l.requantized_channels},
                      {"largest_error", l.largest_error}});
  }
  if (r.post_training) {
    Json made = cli::to_json(*r.post_training);
    made["file"] = r.file;
    made["output"] = r.output;
    made["bytes"] = {{"before", r.bytes_before}, {"after", r.bytes_after}};
    made["verified"] = cli::to_json(r.verified);
    made["accuracy"] = accuracy_json(r);
    return made;
  }
  return {{"file", r.file},
          {"output", r.output},
          {"activations", r.activations},
          {"filters", r.filters},
          {"layers", layers},
          {"multipliers",
           {{"matched", r.matched_multipliers},
            {"unmatched", r.unmatched_multipliers},
            {"largest_scale_change", r.largest_scale_change}}},
          {"macs", {{"before", r.macs_before}, {"after", r.macs_after}}},
          {"interface_change", r.interface_change},
          {"verified", cli::to_json(r.verified)},
          {"accuracy", accuracy_json(r)}};
}

std::string how(const QuantizeReport::Layer& l) {
  if (l.requantized_channels == 0) return "exact";
  return fmt::format("weights off by {:.2f} steps at most", l.largest_error);
}

void print_size(const QuantizeReport& r) {
  fmt::print("{:.2f} MB -> {:.2f} MB\n", static_cast<double>(r.bytes_before) / 1e6,
             static_cast<double>(r.bytes_after) / 1e6);
  if (!r.output.empty()) fmt::print("written to {}\n", r.output);
}

void print_uint8(const QuantizeReport& r) {
  if (!r.interface_change.empty()) fmt::print("changed for the caller: {}\n", r.interface_change);
  Table table({{"filter"},
               {"op"},
               {"too wide", Table::Align::right},
               {"inputs repeated", Table::Align::right},
               {"channels requantized", Table::Align::right},
               {""}});
  for (const QuantizeReport::Layer& l : r.layers) {
    table.add({l.name, l.op, fmt::format("{} of {}", with_commas(l.wide), with_commas(l.weights)),
               std::to_string(l.repeated_inputs), std::to_string(l.requantized_channels), how(l)});
  }
  fmt::print("{} activations and {} filters are int8 now; ", r.activations, r.filters);
  if (r.layers.empty()) {
    fmt::print("all weights fit\n");
  } else {
    fmt::print("{} filters have weights that do not fit -127..127:\n\n{}", r.layers.size(), table.text());
  }
  if (r.matched_multipliers + r.unmatched_multipliers > 0) {
    fmt::print(
        "\n{} of {} convolutions multiply as the uint8 kernels do, to the last bit; scales inside moved by {:.4f} % "
        "for it\n",
        r.matched_multipliers, r.matched_multipliers + r.unmatched_multipliers, 100 * r.largest_scale_change);
  }
  const double growth = r.macs_before > 0 ? 100.0 * (static_cast<double>(r.macs_after) / r.macs_before - 1) : 0;
  fmt::print("\nMACs {} -> {} ({:+.2f} %)\n", with_commas(r.macs_before), with_commas(r.macs_after), growth);
  print_verified(r.verified);
  if (!r.output.empty()) fmt::print("written to {}\n", r.output);
}

void print_text(const QuantizeReport& r, bool all) {
  if (!r.post_training) {
    print_uint8(r);
    return print_accuracy(r);
  }
  print_post_training(*r.post_training, all);
  print_verified(r.verified);
  print_accuracy(r);
  print_size(r);
}

}  // namespace

int quantize(Args& args) {
  QuantizeOptions o;
  int eval_samples = 0;
  args.positional("MODEL", o.model, "a float .tflite, or a uint8 one")
      .flag("output", o.output, "FILE", "the .tflite to write")
      .short_name("-o")
      .flag("to", o.to, "int8|uint8|int16x8|float16|dynamic", "the type inside")
      .flag("io", o.io, "int8|uint8|float32", "the type of inputs and outputs");
  declare_calibration(args, o.calibration);
  args.flag("mean_values", "M[,M,M]",
            "of the pictures: real = (value - mean) / deviation; else as metadata say, or 127.5",
            [&o](const std::string& t) { return parse_numbers(t, o.calibration.mean_values); })
      .flag("std_dev_values", "S[,S,S]", "see --mean_values",
            [&o](const std::string& t) { return parse_numbers(t, o.calibration.std_dev_values); })
      .flag("wide_weights", o.wide_weights, "exact|requantize",
            "of a uint8 model: weights that int8 cannot hold: their input channel twice, or a larger scale for the "
            "output channel")
      .flags("verify", o.inputs, "FILE",
             "a picture or .npy to run both models on, one for each input; a uint8 model is tried on made-up ones else")
      .flag("dataset", o.labelled.dataset, "NAME", "labelled data: the accuracy of both models, as `eval` measures it")
      .flag("dataset_dir", o.labelled.dataset_dir, "DIR", "its folder")
      .flag("images", o.labelled.images, "DIR", "with --masks: pictures, and masks of the same names")
      .flag("masks", o.labelled.masks, "DIR", "palette or grey PNGs, pixels are labels")
      .flag("split", o.labelled.split, "NAME", "of the data set; default val")
      .flag("num_classes", o.labelled.num_classes, "N", "default: as the data set, or the model, has")
      .flag("ignore_label", o.labelled.ignore_label, "N", "pixels that do not count")
      .flag("eval_samples", eval_samples, "N", "only the first N labelled pictures")
      .note(
          "int8, uint8 and int16x8 need --calibration for a float model; float16 and dynamic do not. The report says "
          "which layers lose most, and what leaving them in float would give.")
      .note("A uint8 model needs nothing: its activations keep their reals exactly, and so do weights that fit.")
      .example("monolite quantize float.tflite -o int8.tflite --to int8 --calibration pictures/")
      .example("monolite quantize float.tflite -o mixed.tflite --calibration pictures/ --keep_float 4 --io float32")
      .example("monolite quantize float.tflite -o half.tflite --to float16")
      .example("monolite quantize deeplab_uint8.tflite -o deeplab_int8.tflite --to int8 --verify cat.jpg");
  if (const auto code = args.parse()) return *code;
  if (o.output.empty()) {
    return args.fail(usage_error("quantize", "no -o OUT", "the model to write", "monolite quantize MODEL -o OUT …"));
  }
  o.labelled.samples = eval_samples;
  o.command = "monolite quantize";
  for (const std::string& word : args.arguments()) o.command += " " + word;
  show_progress(args, o.calibration);
  const auto report = monolite::quantize_file(o);
  end_progress(o.calibration);
  if (!report) return args.fail(report.error());
  if (report->post_training) {
    for (const std::string& remark : report->post_training->remarks) args.remark("note: " + remark);
  }
  args.json() ? print_json(to_json(*report)) : print_text(*report, args.verbose());
  return kYes;
}

}  // namespace monolite::cli
