#include "monolite/fix.h"

#include <fmt/format.h>

#include "base/text.h"
#include "json.h"
#include "legalize_report.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

Json to_json(const FixReport& r) {
  return {{"legalized", cli::to_json(r.legalized)},
          {"fed", r.fed},
          {"picture", r.picture},
          {"pixels", r.pixels},
          {"object_pixels", r.object_pixels},
          {"published_fix", {{"applies", r.has_published}, {"changed", r.published_changed}}},
          {"changed", r.changed},
          {"next", r.next}};
}

std::string share(int64_t part, int64_t whole) {
  return whole == 0
             ? ""
             : fmt::format(", {:.1f} % of the object", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

void print_text(const FixReport& r) {
  print_report(r.legalized);
  if (!r.fed.empty()) fmt::print("\nfed {}\n", r.fed);
  if (r.pixels > 0) {
    fmt::print("labels on the picture, {} pixels, {} of them object:\n", with_commas(r.pixels),
               with_commas(r.object_pixels));
    if (r.has_published) {
      fmt::print("  align_corners dropped, as is commonly done: {} changed{}\n", with_commas(r.published_changed),
                 share(r.published_changed, r.object_pixels));
    }
    fmt::print("  this file: {} changed\n", with_commas(r.changed));
  }
  if (!r.picture.empty()) fmt::print("side by side, changed pixels in magenta: {}\n", r.picture);
  if (!r.next.empty()) fmt::print("\nnext:\n");
  for (const std::string& line : r.next) fmt::print("  {}\n", line);
}

}  // namespace

int fix(Args& args) {
  FixOptions o;
  args.positional("MODEL", o.model, "a .tflite")
      .optional_positional("IMAGE", o.image, "a picture to show it on")
      .flag("target", o.target, "T", "what is to take the model whole; `monolite check --help` lists them")
      .flag("output", o.output, "FILE", "the .tflite to write; without it the model's name with the target's behind it")
      .short_name("-o")
      .flag("picture", o.picture, "FILE.png", "the results side by side; without it the output's name, .png")
      .example("monolite fix deeplab.tflite cat.jpg --target nnapi");
  if (const auto code = args.parse()) return *code;
  if (o.target.empty()) {
    return args.fail(
        usage_error("fix", "no target", "--target T", "for example --target nnapi; `monolite check` lists them"));
  }
  o.command = "monolite fix";
  for (const std::string& word : args.arguments()) o.command += " " + word;
  const auto report = monolite::fix_file(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(*report);
  }
  if (!report->legalized.is_written) args.remark("not reachable within the tolerance; nothing was written");
  return report->legalized.is_whole ? kYes : kNo;
}

}  // namespace monolite::cli
