#include "monolite/quantize.h"

#include <fmt/format.h>

#include "base/text.h"
#include "json.h"
#include "table.h"
#include "verbs.h"
#include "verified_report.h"

namespace monolite::cli {
namespace {

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
  return {{"file", r.file},
          {"output", r.output},
          {"activations", r.activations},
          {"filters", r.filters},
          {"layers", layers},
          {"macs", {{"before", r.macs_before}, {"after", r.macs_after}}},
          {"interface_change", r.interface_change},
          {"verified", cli::to_json(r.verified)}};
}

std::string how(const QuantizeReport::Layer& l) {
  if (l.requantized_channels == 0) return "exact";
  return fmt::format("weights off by {:.2f} steps at most", l.largest_error);
}

void print_text(const QuantizeReport& r) {
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
  const double growth = r.macs_before > 0 ? 100.0 * (static_cast<double>(r.macs_after) / r.macs_before - 1) : 0;
  fmt::print("\nMACs {} -> {} ({:+.2f} %)\n", with_commas(r.macs_before), with_commas(r.macs_after), growth);
  print_verified(r.verified);
  if (!r.output.empty()) fmt::print("written to {}\n", r.output);
}

}  // namespace

int quantize(Args& args) {
  QuantizeOptions o;
  args.positional("MODEL", o.model, "a uint8 .tflite")
      .flag("output", o.output, "FILE", "the .tflite to write")
      .short_name("-o")
      .flag("to", o.to, "int8", "the type inside")
      .flag("io", o.io, "int8|uint8|float32", "the type of inputs and outputs")
      .flag("wide_weights", o.wide_weights, "exact|requantize",
            "weights that int8 cannot hold: their input channel twice, or a larger scale for the output channel")
      .flags("verify", o.inputs, "FILE",
             "a picture or .npy to run both models on, one for each input; without it, made-up inputs")
      .note(
          "Activations keep their reals exactly, and so do weights that fit. Kernels round int8 otherwise than uint8: "
          "a "
          "step here and there; the last lines say what became of it.")
      .example("monolite quantize deeplab_uint8.tflite -o deeplab_int8.tflite --to int8 --verify cat.jpg")
      .example("monolite quantize deeplab_uint8.tflite -o small.tflite --wide_weights=requantize --io=float32");
  if (const auto code = args.parse()) return *code;
  if (o.output.empty()) {
    return args.fail(usage_error("quantize", "no -o OUT", "the model to write", "monolite quantize MODEL -o OUT …"));
  }
  o.command = "monolite quantize";
  for (const std::string& word : args.arguments()) o.command += " " + word;
  const auto report = monolite::quantize_file(o);
  if (!report) return args.fail(report.error());
  args.json() ? print_json(to_json(*report)) : print_text(*report);
  return kYes;
}

}  // namespace monolite::cli
