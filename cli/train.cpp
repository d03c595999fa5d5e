#include <unistd.h>

#include <filesystem>

#include "verbs.h"

namespace monolite::cli {

// The training library is large and not everybody's: a program of its own, beside this one, has it.
int train(Args& args) {
  std::error_code no_proc;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", no_proc);
  const std::string program = (self.parent_path() / "monolite-train").string();
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const auto& a : args.arguments()) words.push_back(const_cast<char*>(a.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  return args.fail(input_error(program, "no such program that runs", "monolite-train beside monolite",
                               "./setup --train installs libtorch; then build again"));
}

}  // namespace monolite::cli
