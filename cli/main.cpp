// monolite: finds the verb and hands it its arguments.

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/heap.h"
#include "base/text.h"
#include "monolite/version.h"
#include "verbs.h"

namespace {

using monolite::cli::Args;

struct Verb {
  std::string_view name, summary;
  int (*run)(Args&);
};

// "export_" is called "export", which C++ keeps for itself.
constexpr std::string_view verb_name(std::string_view function) {
  return function.ends_with('_') ? function.substr(0, function.size() - 1) : function;
}

constexpr Verb kVerbs[] = {
#define VERB(name, summary) {verb_name(#name), summary, monolite::cli::name},
#include "verbs.inc"
#undef VERB
};

void print_overview(std::FILE* to) {
  std::string text =
      "monolite: from a trained vision model to a .tflite that an accelerator takes whole\n\n"
      "USAGE\n  monolite VERB … [flags]\n\nVERBS\n";
  for (const Verb& v : kVerbs)
    text += "  " + std::string(v.name) + std::string(12 - v.name.size(), ' ') + std::string(v.summary) + "\n";
  text += "\n  monolite VERB --help shows a verb's flags and examples; monolite --version the version.\n";
  std::fputs(text.c_str(), to);
}

int unknown_verb(const std::string& word) {
  std::vector<std::string> names;
  for (const Verb& v : kVerbs) names.emplace_back(v.name);
  const std::string near = monolite::nearest(word, names);
  std::fprintf(stderr, "error: there is no verb \"%s\"\n  to mend   %s\n", monolite::printable(word).c_str(),
               near.empty() ? "monolite --help shows all verbs" : ("did you mean `monolite " + near + "`?").c_str());
  return monolite::cli::kUsage;
}

int run(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_overview(stderr);
    return monolite::cli::kUsage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_overview(stdout);
    return monolite::cli::kYes;
  }
  if (words[0] == "--version") {
    std::printf("monolite %s\n", MONOLITE_VERSION);
    return monolite::cli::kYes;
  }
  for (const Verb& v : kVerbs) {
    if (v.name != words[0]) continue;
    Args args(std::string(v.name), std::string(v.summary), {words.begin() + 1, words.end()});
    return v.run(args);
  }
  return unknown_verb(words[0]);
}

}  // namespace

int main(int argc, char** argv) {
  monolite::grow_heap_by_large_pages();
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "error: out of memory\n  to mend   use a smaller input, or a machine with more memory\n");
    return monolite::cli::kBadInput;
  } catch (const std::exception& e) {
    std::fprintf(stderr,
                 "error: a fault of monolite itself: %s\n  to mend   please report it with the command and the file\n",
                 e.what());
    return monolite::cli::kFault;
  }
}
