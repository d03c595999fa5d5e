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
  const auto text = monolite::dump(model);
  if (!text) return args.fail(text.error());
  if (out.empty()) {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return kYes;
  }
  const auto written = write_file(out, *text);
  return written ? kYes : args.fail(written.error());
}

}  // namespace monolite::cli
