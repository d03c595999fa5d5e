#include "monolite/demo.h"

#include <fmt/format.h>

#include <filesystem>

#include "json.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

Json to_json(const DemoReport& r) {
  Json steps = Json::array();
  for (const DemoStep& s : r.steps) {
    steps.push_back({{"what", s.what}, {"command", s.command}, {"said", s.said}, {"seconds", s.seconds}});
  }
  return {{"picture", r.picture}, {"overlay", r.overlay},   {"truth", r.truth},           {"model", r.model},
          {"before", r.before},   {"after", r.after},       {"labels", r.labels},         {"changed", r.changed},
          {"right", r.right},     {"fused_ms", r.fused_ms}, {"unfused_ms", r.unfused_ms}, {"steps", steps}};
}

void print_step(const DemoStep& s) {
  fmt::print("== {} ({:.2f} s)\n", s.what, s.seconds);
  if (!s.command.empty()) fmt::print("$ {}\n", s.command);
  for (const std::string& line : s.said) fmt::print("  {}\n", line);
  fmt::print("\n");
  std::fflush(stdout);
}

// The checkpoint that comes with the project: beside the sources that this program was built from.
std::string own_checkpoint() { return std::string(MONOLITE_SOURCE_DIR) + "/models/scenes/checkpoint_qat"; }

}  // namespace

int demo(Args& args) {
  DemoOptions o;
  o.checkpoint = own_checkpoint();
  o.out = "monolite_demo";
  args.flag("out", o.out, "DIR", "where pictures and models go (default monolite_demo)")
      .flag("checkpoint", o.checkpoint, "DIR", "the checkpoint of the model that comes with the project")
      .flag("seed", "N", "another scene",
            [&](const std::string& text) -> Expected<void> {
              const bool is_number =
                  !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos;
              if (!is_number) return Unexpected(usage_error("--seed", text, "a whole number"));
              o.seed = std::stoull(text);
              return {};
            })
      .note("A street scene is made, a trained checkpoint exported, converted, checked, legalized, run and timed.")
      .example("monolite demo")
      .example("monolite demo --out /tmp/demo --seed 12");
  if (const auto code = args.parse()) return *code;
  if (!std::filesystem::is_directory(o.checkpoint)) {
    return args.fail(input_error(o.checkpoint, "no such folder", "models/scenes/checkpoint_qat of the project",
                                 "--checkpoint DIR says where it is"));
  }
  if (!args.json() && !args.quiet()) o.on_step = print_step;
  const auto report = monolite::demo(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
    return kYes;
  }
  fmt::print("The model was in several pieces for the accelerator, and is one now; {} of {} labels changed.\n",
             report->changed, report->labels);
  fmt::print("The picture with what was found: {}\n", report->overlay);
  return kYes;
}

}  // namespace monolite::cli
