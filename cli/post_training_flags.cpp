#include "post_training_flags.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "table.h"

namespace monolite::cli {
namespace {

constexpr size_t kShown = 10;  // layers

void show(const std::string& what, int done, int of) {
  constexpr int kWidth = 30;
  const int full = of > 0 ? kWidth * done / of : 0;
  fmt::print(stderr, "\r\033[K{:<24} [{:=<{}}{:<{}}] {} of {}", what, "", full, "", kWidth - full, done, of);
  std::fflush(stderr);
}

std::string db(double value) { return value >= 200 ? "exact" : fmt::format("{:.1f} dB", value); }
std::string percent(int64_t part, int64_t of) {
  return fmt::format("{:.3f} %", of > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(of) : 0);
}

std::string described(const PostTrainingReport::Output& o) {
  if (o.is_label) return percent(o.equal, o.elements) + " of the labels as in float";
  if (o.boxes > 0) return fmt::format("{} of {} boxes found again", o.boxes_found, o.boxes);
  std::string text = db(o.sqnr_db);
  if (o.positions > 0) text += fmt::format(", {} with the same best class", percent(o.same_class, o.positions));
  return text;
}

// A detector's boxes say it all: classes and scores are in the order of the scores, which differs.
std::vector<PostTrainingReport::Output> telling(const std::vector<PostTrainingReport::Output>& outputs) {
  for (const auto& o : outputs) {
    if (o.boxes > 0) return {o};
  }
  return outputs;
}

Json to_json(const std::vector<PostTrainingReport::Output>& outputs) {
  Json all = Json::array();
  for (const auto& o : outputs) {
    Json one = {{"name", o.name}, {"label", o.is_label}};
    if (o.is_label) {
      one["elements"] = o.elements;
      one["equal"] = o.equal;
      one["agreement"] = o.elements > 0 ? static_cast<double>(o.equal) / static_cast<double>(o.elements) : 1.0;
    } else {
      one["sqnr_db"] = o.sqnr_db;
      one["largest_difference"] = o.largest;
      if (o.boxes > 0) {
        one["boxes"] = o.boxes;
        one["boxes_found"] = o.boxes_found;
      }
      if (o.positions > 0) {
        one["agreement"] = static_cast<double>(o.same_class) / static_cast<double>(o.positions);
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

void print_layers(const PostTrainingReport& r, bool all) {
  if (r.layers.empty()) return;
  const size_t shown = all ? r.layers.size() : std::min(kShown, r.layers.size());
  Table table({{"node", Table::Align::right},
               {"op"},
               {"own error", Table::Align::right},
               {"with all before", Table::Align::right},
               {"RMS", Table::Align::right},
               {"output"}});
  for (size_t i = 0; i < shown; ++i) {
    const auto& l = r.layers[i];
    table.add({std::to_string(l.index), l.op, db(l.own_sqnr_db), db(l.sqnr_db), fmt::format("{:.3g}", l.rms), l.name});
  }
  fmt::print("\nwhere it hurts: signal to noise of the layers, the worst of {} first{}\n{}", r.layers.size(),
             shown < r.layers.size() ? " (--verbose shows all)" : "", table.text());
}

void print_trials(const PostTrainingReport& r) {
  if (r.trials.empty()) return;
  Table table({{"--keep_float"}, {"MACs in float", Table::Align::right}, {"output"}, {"against float"}});
  const auto add = [&](const std::string& what, const std::string& share,
                       const std::vector<PostTrainingReport::Output>& outputs) {
    for (const auto& o : telling(outputs)) table.add({what, share, o.name, described(o)});
  };
  add("none", "0.0 %", r.outputs);
  for (const auto& t : r.trials) {
    add(std::to_string(t.kept), fmt::format("{:.1f} %", 100 * t.mac_share), t.outputs);
  }
  fmt::print("\nwith the worst layers left in float:\n{}", table.text());
}

}  // namespace

Expected<void> parse_numbers(const std::string& text, std::vector<double>& to) {
  to.clear();
  return append_numbers(text, to);
}

Expected<void> append_numbers(const std::string& text, std::vector<double>& to) {
  for (const std::string& part : split(text, ',')) {
    char* end = nullptr;
    to.push_back(std::strtod(part.c_str(), &end));
    if (part.empty() || *end != '\0') return Unexpected(usage_error("", printable(part), "numbers: 127.5"));
  }
  return {};
}

void declare_calibration(Args& args, CalibrationOptions& o) {
  args.flag("calibration", o.folder, "DIR", "pictures or .npy files that the ranges of activations are taken from")
      .flag("calibration_method", o.method, "minmax|average|percentile|mse",
            "how a range follows from the values; mse unless --to int16x8")
      .flag("percentile", o.percentile, "P", "with percentile: what stays inside at each end, in percent")
      .flag("calibration_samples", o.samples, "N", "how many files are taken, evenly spread; 0: all")
      .flag("keep_float", "NAMES|N", "nodes that stay float: outputs' names, operators, or the N worst",
            [&o](const std::string& t) -> Expected<void> {
              for (const std::string& word : split(t, ',')) o.keep_float.push_back(word);
              return {};
            })
      .flag("report_samples", o.report_samples, "N", "how many of the files the errors are measured on; 0: none");
}

void show_progress(const Args& args, CalibrationOptions& options) {
  if (::isatty(STDERR_FILENO) != 0 && !args.json() && !args.quiet()) options.progress = show;
}

void end_progress(const CalibrationOptions& options) {
  if (options.progress) std::fputs("\r\033[K", stderr);
}

Json to_json(const PostTrainingReport& r) {
  Json floats = Json::array(), layers = Json::array(), trials = Json::array();
  for (const auto& n : r.float_nodes) {
    floats.push_back({{"index", n.index}, {"op", n.op}, {"name", n.name}, {"why", n.why}});
  }
  for (const auto& l : r.layers) {
    layers.push_back({{"index", l.index},
                      {"op", l.op},
                      {"name", l.name},
                      {"own_sqnr_db", l.own_sqnr_db},
                      {"sqnr_db", l.sqnr_db},
                      {"rms", l.rms},
                      {"largest_difference", l.largest}});
  }
  for (const auto& t : r.trials) {
    trials.push_back({{"keep_float", t.kept}, {"float_mac_share", t.mac_share}, {"outputs", to_json(t.outputs)}});
  }
  return {{"type", r.type},
          {"calibrated_on", r.calibrated_on},
          {"method", r.method},
          {"integer_nodes", r.integer_nodes},
          {"filters", r.filters},
          {"conversions", r.conversions},
          {"float_nodes", floats},
          {"measured_on", r.measured_on},
          {"outputs", to_json(r.outputs)},
          {"layers", layers},
          {"trials", trials}};
}

void print_post_training(const PostTrainingReport& r, bool all) {
  if (r.calibrated_on.empty()) {
    fmt::print("{} {} are {} now, computing stays float32\n", r.filters, r.type == "float16" ? "constants" : "filters",
               r.type == "float16" ? "float16" : "int8");
  } else {
    fmt::print("calibrated on {}, {}\n{} nodes are {} now, {} with filters; {} QUANTIZE and DEQUANTIZE nodes added\n",
               r.calibrated_on, r.method, r.integer_nodes, r.type, r.filters, r.conversions);
  }
  if (!r.float_nodes.empty()) {
    Table table({{"node", Table::Align::right}, {"stays float32"}, {"why"}, {"output"}});
    const size_t shown = all ? r.float_nodes.size() : std::min(kShown, r.float_nodes.size());
    for (size_t i = 0; i < shown; ++i) {
      const auto& n = r.float_nodes[i];
      table.add({std::to_string(n.index), n.op, n.why, n.name});
    }
    fmt::print("\n{}", table.text());
    if (shown < r.float_nodes.size()) fmt::print("and {} more (--verbose)\n", r.float_nodes.size() - shown);
  }
  print_layers(r, all);
  print_trials(r);
  if (r.measured_on == 0) return;
  fmt::print("\nagainst the float model, on {} of the samples:\n", r.measured_on);
  for (const auto& o : telling(r.outputs)) fmt::print("  {}: {}\n", o.name, described(o));
}

}  // namespace monolite::cli
