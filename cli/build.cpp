#include "monolite/text.h"
#include "verbs.h"

namespace monolite::cli {

int build(Args& args) {
  std::string text, out;
  args.positional("FILE", text, "a text that `monolite dump` wrote")
      .flag("out", out, "OUT", "the .tflite to write")
      .short_name("-o")
      .example("monolite build deeplab.json -o deeplab.tflite");
  if (const auto code = args.parse()) return *code;
  if (out.empty()) return args.fail(usage_error("build", "no -o OUT", "the .tflite to write"));
  const auto done = monolite::build(text, out);
  return done ? kYes : args.fail(done.error());
}

}  // namespace monolite::cli
