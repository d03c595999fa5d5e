#include <cstdio>

#include "base/file.h"
#include "monolite/text.h"
#include "verbs.h"

namespace monolite::cli {

int dump(Args& args) {
  std::string model, out;
  args.positional("MODEL", model, "a .tflite")
      .flag("out", out, "FILE", "the text; without it, stdout")
      .short_name("-o")
      .note("The text is JSON; `monolite build` makes the same model of it.")
      .example("monolite dump deeplab.tflite -o deeplab.json");
  if (const auto code = args.parse()) return *code;
  const auto dumped = monolite::dump(model);
  if (!dumped) return args.fail(dumped.error());
  for (const std::string& field : dumped->left_out) {
    args.remark("warning: left out, of a newer schema: " + field);
  }
  const std::string& text = dumped->text;
  if (out.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return kYes;
  }
  const auto written = write_file(out, text);
  return written ? kYes : args.fail(written.error());
}

}  // namespace monolite::cli
