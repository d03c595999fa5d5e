#include "monolite/reshape.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "json.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

// "513" or "384,640", as DeepLab's flags have it ("384x640" is understood too).
Expected<std::pair<int, int>> parse_size(const std::string& text) {
  std::string commas = text;
  std::replace(commas.begin(), commas.end(), 'x', ',');
  std::vector<int> sides;
  for (const std::string& part : split(commas, ',')) {
    int value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size()) value = 0;
    sides.push_back(value);
  }
  if (sides.size() == 1) sides.push_back(sides[0]);
  if (sides.size() == 2 && sides[0] > 0 && sides[1] > 0) return std::pair(sides[0], sides[1]);
  return Unexpected(usage_error("size", text, "a height, or a height and a width: 513 or 384,640"));
}

std::string size_text(const std::vector<int32_t>& shape) { return fmt::format("{}", fmt::join(shape, "x")); }

std::string giga(int64_t macs) { return fmt::format("{:.3f}", static_cast<double>(macs) / 1e9); }

Json to_json(const ReshapeReport& r) {
  return {{"file", r.file},
          {"out", r.out},
          {"input_before", r.input_before},
          {"input", r.input},
          {"output_stride_before", r.output_stride_before},
          {"output_stride", r.output_stride},
          {"shift", {r.shift_y, r.shift_x}},
          {"friendly", r.friendly},
          {"changes", r.changes},
          {"macs_before", r.macs_before},
          {"macs", r.macs}};
}

Json to_json(const SuggestReport& r) {
  Json sizes = Json::array();
  for (const SuggestedSize& s : r.sizes) {
    sizes.push_back({{"height", s.height},
                     {"width", s.width},
                     {"shift", {s.shift_y, s.shift_x}},
                     {"macs", s.macs},
                     {"exact_resize", s.exact_resize},
                     {"partitions", {{"nnapi-29-cpu", s.partitions}}},
                     {"refused", s.refused}});
  }
  return {{"file", r.file}, {"input", r.input}, {"sizes", sizes}};
}

void print_text(const Args& args, const ReshapeReport& r) {
  if (!r.input.empty()) {
    fmt::print("{}: input {} -> {}", r.out, size_text(r.input_before), size_text(r.input));
    if (r.output_stride_before == r.output_stride) {
      fmt::print(", output stride {}", r.output_stride);
    } else {
      fmt::print(", output stride {} -> {}", r.output_stride_before, r.output_stride);
    }
  } else {
    fmt::print("{}", r.out);
  }
  fmt::print(", {} -> {} G MACs\n", giga(r.macs_before), giga(r.macs));
  if (args.verbose()) {
    for (const std::string& change : r.changes) fmt::print("  {}\n", change);
  }
  if (r.shift_y == 0 && r.shift_x == 0) return;
  args.remark(fmt::format(
      "the sampling grid moves by {:g} rows and {:g} columns of the picture; --geometry=keep samples as trained{}",
      r.shift_y, r.shift_x, r.friendly.empty() ? "" : fmt::format(", and {} does not move it", size_text(r.friendly))));
}

void print_text(const SuggestReport& r) {
  Table table({{"size"},
               {"shift y,x", Table::Align::right},
               {"G MACs", Table::Align::right},
               {"exact resize", Table::Align::right},
               {"partitions nnapi-29-cpu", Table::Align::right},
               {"refused"}});
  for (const SuggestedSize& s : r.sizes) {
    const std::string size = fmt::format("{}x{}", s.height, s.width);
    if (s.refused.empty()) {
      table.add({size, fmt::format("{:g},{:g}", s.shift_y, s.shift_x), giga(s.macs),
                 fmt::format("x{:.2f}", s.exact_resize), std::to_string(s.partitions), ""});
    } else {
      table.add({size, "", "", "", "", split(s.refused, '\n').front()});
    }
  }
  fmt::print("{}", table.text());
}

int print_suggestions(const Args& args, const std::string& model, const std::pair<int, int>& size) {
  const auto report = monolite::suggest({model, size.first, size.second});
  if (!report) return args.fail(report.error());
  args.json() ? print_json(to_json(*report)) : print_text(*report);
  return kYes;
}

}  // namespace

int reshape(Args& args) {
  ReshapeOptions o;
  std::optional<std::pair<int, int>> suggested;
  args.positional("MODEL", o.model, "a .tflite")
      .flag("out", o.out, "OUT", "the model to write")
      .short_name("-o")
      .flag("crop_size", "H[,W]", "height and width of the picture",
            [&](const std::string& text) -> Expected<void> {
              ML_ASSIGN(const auto size, parse_size(text));
              o.height = size.first;
              o.width = size.second;
              return {};
            })
      .flag("output_stride", o.output_stride, "8|16", "pixels of the picture to one of the coarsest map")
      .flag("batch", o.batch, "N", "pictures at a time")
      .flag("geometry", "tensorflow|keep", "even sizes: as TensorFlow exports them, or on the trained grid",
            [&](const std::string& text) -> Expected<void> {
              if (text != "tensorflow" && text != "keep") {
                return Unexpected(usage_error("--geometry", text, "tensorflow or keep"));
              }
              o.geometry = text == "keep" ? Geometry::keep : Geometry::tensorflow;
              return {};
            })
      .flag("suggest", "H[,W]", "no model is written: a table of sizes near this one",
            [&](const std::string& text) -> Expected<void> {
              ML_ASSIGN(suggested, parse_size(text));
              return {};
            })
      .note("Exit 3: the model can't have this size, with the node and the reason.")
      .example("monolite reshape deeplab.tflite -o small.tflite --crop_size=257 --output_stride=8")
      .example("monolite reshape deeplab.tflite -o wide.tflite --crop_size=384,640 --geometry=keep")
      .example("monolite reshape deeplab.tflite --suggest=384,640");
  if (const auto code = args.parse()) return *code;
  if (suggested) return print_suggestions(args, o.model, *suggested);
  if (o.out.empty()) {
    return args.fail(usage_error("reshape", "no -o OUT", "the model to write", "monolite reshape MODEL -o OUT …"));
  }
  o.command = "monolite reshape";
  for (const std::string& word : args.arguments()) o.command += " " + word;
  const auto report = monolite::reshape(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(args, *report);
  }
  return kYes;
}

}  // namespace monolite::cli
