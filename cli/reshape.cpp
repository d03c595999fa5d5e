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
    Json partitions = Json::object(), cpu_nodes = Json::object();
    for (const auto& t : s.targets) {
      partitions[t.name] = t.partitions;
      cpu_nodes[t.name] = t.cpu_nodes;
    }
    sizes.push_back({{"height", s.height},
                     {"width", s.width},
                     {"shift", {s.shift_y, s.shift_x}},
                     {"macs", s.macs},
                     {"exact_resize", s.exact_resize},
                     {"partitions", partitions},
                     {"cpu_nodes", cpu_nodes},
                     {"refused", s.refused}});
    if (s.changed) sizes.back()["pixels_changed"]["tensorflow"] = *s.changed;
    if (s.changed_keep) sizes.back()["pixels_changed"]["keep"] = *s.changed_keep;
  }
  Json all = {{"file", r.file}, {"input", r.input}, {"sizes", sizes}};
  if (!r.picture.empty()) all["picture"] = {{"file", r.picture}, {"pixels", r.pixels}};
  return all;
}

void print_text(const Args& args, const ReshapeReport& r) {
  if (!r.input.empty()) {
    fmt::print("{}: input {} -> {}", r.out, size_text(r.input_before), size_text(r.input));
    if (r.output_stride == 0) {
      // No stride is told of a model that has no maps of one scale, or had none at its open size.
    } else if (r.output_stride_before == r.output_stride) {
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

std::string size_text(const SuggestedSize& s) { return fmt::format("{}x{}", s.height, s.width); }

std::string share(const std::optional<int64_t>& pixels, int64_t all) {
  return pixels ? fmt::format("{:.2f} %", 100.0 * static_cast<double>(*pixels) / static_cast<double>(all)) : "";
}

void print_sizes(const SuggestReport& r) {
  std::vector<Table::Column> columns = {{"size"},
                                        {"shift y,x", Table::Align::right},
                                        {"G MACs", Table::Align::right},
                                        {"exact resize", Table::Align::right}};
  if (!r.picture.empty()) {
    columns.push_back({"pixels changed", Table::Align::right});
    columns.push_back({"with keep", Table::Align::right});
  }
  columns.push_back({"refused"});
  Table table(columns);
  for (const SuggestedSize& s : r.sizes) {
    std::vector<std::string> row = {size_text(s)};
    if (s.refused.empty()) {
      row.push_back(fmt::format("{:g},{:g}", s.shift_y, s.shift_x));
      row.push_back(giga(s.macs));
      row.push_back(fmt::format("x{:.2f}", s.exact_resize));
      if (!r.picture.empty()) {
        row.push_back(share(s.changed, r.pixels));
        row.push_back(share(s.changed_keep, r.pixels));
      }
    }
    row.resize(columns.size());
    if (!s.refused.empty()) row.back() = split(s.refused, '\n').front();
    table.add(row);
  }
  fmt::print("{}", table.text());
}

// A row a target, a column a size: "1" is a model taken whole, "2+3" are two partitions and three nodes on the CPU.
void print_partitions(const SuggestReport& r) {
  std::vector<Table::Column> columns = {{"partitions+CPU nodes"}};
  std::vector<std::vector<std::string>> rows;
  for (const SuggestedSize& s : r.sizes) {
    if (!s.refused.empty()) continue;
    columns.push_back({size_text(s), Table::Align::right});
    rows.resize(s.targets.size());
    for (size_t i = 0; i < s.targets.size(); ++i) {
      const auto& t = s.targets[i];
      if (rows[i].empty()) rows[i].push_back(t.name);
      rows[i].push_back(t.cpu_nodes == 0 ? std::to_string(t.partitions)
                                         : fmt::format("{}+{}", t.partitions, t.cpu_nodes));
    }
  }
  if (rows.empty()) return;
  Table table(columns);
  for (const auto& row : rows) table.add(row);
  fmt::print("\n{}", table.text());
}

void print_text(const SuggestReport& r) {
  print_sizes(r);
  print_partitions(r);
}

int print_suggestions(const Args& args, const SuggestOptions& options) {
  const auto report = monolite::suggest(options);
  if (!report) return args.fail(report.error());
  args.json() ? print_json(to_json(*report)) : print_text(*report);
  return kYes;
}

}  // namespace

int reshape(Args& args) {
  ReshapeOptions o;
  std::optional<std::pair<int, int>> suggested;
  std::string picture;
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
      .flag("input", picture, "IMAGE", "with --suggest: a picture, to count the pixels that get another label")
      .note("Exit 3: the model can't have this size, with the node and the reason.")
      .example("monolite reshape deeplab.tflite -o small.tflite --crop_size=257 --output_stride=8")
      .example("monolite reshape deeplab.tflite -o wide.tflite --crop_size=384,640 --geometry=keep")
      .example("monolite reshape deeplab.tflite --suggest=384,640 --input cat.jpg");
  if (const auto code = args.parse()) return *code;
  if (suggested) return print_suggestions(args, {o.model, suggested->first, suggested->second, picture});
  if (!picture.empty()) {
    return args.fail(
        usage_error("--input", printable(picture), "--suggest beside it", "to see a picture: monolite run"));
  }
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
