#include "monolite/legalize.h"

#include "json.h"
#include "legalize_report.h"
#include "verbs.h"

namespace monolite::cli {

int legalize(Args& args) {
  LegalizeOptions o;
  bool dry_run = false;
  args.positional("MODEL", o.model, "a .tflite")
      .flag("output", o.output, "FILE", "the .tflite to write")
      .short_name("-o")
      .flags("target", o.targets, "T",
             "what is to take the model whole; may be repeated; `monolite check --help` lists them")
      .flag("tolerance", o.tolerance, "exact|1lsb|approximate",
            "the weakest proof to accept; without it, exact forms, and 1lsb where there is none")
      .flag("keep_io", o.keep_io, "inputs and outputs keep their types; CASTs at the edge may stay on the CPU")
      .flags("verify", o.inputs, "FILE",
             "a picture or .npy to run both models on, one for each input; without it, made-up inputs")
      .flag("dry_run", dry_run, "list the rewrites, write and run nothing")
      .flag("best_effort", o.best_effort, "write what was reached, also where a target still refuses something")
      .example("monolite legalize deeplab.tflite -o deeplab_nnapi.tflite --target nnapi")
      .example("monolite legalize deeplab.tflite --target ethos-u55 --tolerance approximate --dry_run");
  if (const auto code = args.parse()) return *code;
  if (o.output.empty() && !dry_run) {
    return args.fail(usage_error("legalize", "no output file", "-o OUT", "or --dry_run to see what would be done"));
  }
  if (dry_run) {
    o.output.clear();
    o.verify = false;
  }
  o.command = "monolite legalize";
  for (const std::string& word : args.arguments()) o.command += " " + word;
  const auto report = monolite::legalize_file(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_report(*report);
  }
  if (!report->is_whole && !report->is_written && !dry_run) {
    args.remark("not reachable within the tolerance; nothing was written (--best_effort writes what was reached)");
  }
  return report->is_whole ? kYes : kNo;
}

}  // namespace monolite::cli
