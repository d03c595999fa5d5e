#include "monolite/diagnose.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "json.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

constexpr size_t kShown = 8;

std::string joined(const DiagnoseReport::Explanation& e) {
  return e.faults.empty() ? "no fault" : fmt::format("{}", fmt::join(e.faults, " + "));
}

Json to_json(const DiagnoseReport& r) {
  Json explanations = Json::array();
  for (size_t i = 0; i < std::min<size_t>(r.explanations.size(), 50); ++i) {
    const auto& e = r.explanations[i];
    explanations.push_back({{"faults", e.faults}, {"unexplained", e.unexplained}, {"mend", e.mends}});
  }
  return {{"model", r.model},           {"image", r.image},          {"output", r.output},
          {"pixels", r.pixels},         {"differing", r.differing},  {"explained", r.is_explained},
          {"inferences", r.inferences}, {"complete", r.is_complete}, {"explanations", explanations}};
}

void print_text(const DiagnoseReport& r) {
  const auto part = [&](int64_t count) { return 100.0 * static_cast<double>(count) / static_cast<double>(r.pixels); };
  fmt::print("{}: {} of {} pixels differ from what the model gives ({:.2f} %)\n\n", r.output, with_commas(r.differing),
             with_commas(r.pixels), part(r.differing));
  Table table({{"explanation"}, {"unexplained pixels", Table::Align::right}, {"", Table::Align::right}});
  for (size_t i = 0; i < std::min(kShown, r.explanations.size()); ++i) {
    const auto& e = r.explanations[i];
    table.add({joined(e), with_commas(e.unexplained), fmt::format("{:.2f} %", part(e.unexplained))});
  }
  fmt::print("{}\n", table.text());
  if (!r.is_explained) {
    fmt::print("none of the known faults, nor two of them, explains it\n");
    return;
  }
  const auto& best = r.explanations[0];
  if (best.faults.empty()) {
    fmt::print("nothing is wrong with it\n");
    return;
  }
  fmt::print("{}\n", joined(best));
  for (const std::string& mend : best.mends) fmt::print("  to mend   {}\n", mend);
}

// A line on the terminal that says how far it is.
void show_progress(int done, int of) {
  std::fprintf(stderr, "\r%d of at most %d faults and pairs tried ", done, of);
  if (done >= of) std::fputs("\r\033[K", stderr);
}

}  // namespace

int diagnose(Args& args) {
  DiagnoseOptions o;
  args.positional("MODEL", o.model, "a .tflite that segments")
      .positional("IMAGE", o.image, "the picture that the device was given")
      .positional("OUTPUT", o.output, "what it gave: a PNG of labels, .npy, raw bytes, or a folder of .npy")
      .note("Exit 0: one explanation, or two together, leave at most 1 % of the pixels unexplained; 1: none does.")
      .example("monolite diagnose deeplab.tflite cat.jpg mask_from_phone.png")
      .example("monolite diagnose deeplab.tflite cat.jpg output.raw --json");
  if (const auto code = args.parse()) return *code;
  const bool has_bar = ::isatty(STDERR_FILENO) != 0 && !args.json() && !args.quiet();
  if (has_bar) o.progress = show_progress;
  const auto report = monolite::diagnose(o);
  if (has_bar) std::fputs("\r\033[K", stderr);
  if (!report) return args.fail(report.error());
  args.json() ? print_json(to_json(*report)) : print_text(*report);
  return report->is_explained ? kYes : kNo;
}

}  // namespace monolite::cli
