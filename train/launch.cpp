#include "launch.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace monolite::train {
namespace {

Expected<int> number_of(const char* variable, int least, int most, std::optional<int> otherwise) {
  const char* text = std::getenv(variable);
  if (text == nullptr && otherwise) return *otherwise;
  const std::string value = text == nullptr ? "" : text;
  int number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc() && end == value.data() + value.size() && number >= least && number <= most) return number;
  return Unexpected(usage_error(variable, value.empty() ? "nothing" : "\"" + printable(value) + "\"",
                                fmt::format("a number from {} to {}", least, most)));
}

}  // namespace

Launcher::~Launcher() {
  for (const pid_t child : children_) {
    ::kill(child, SIGKILL);  // it writes no files
    ::waitpid(child, nullptr, 0);
  }
}

Expected<WorkerPlace> Launcher::place(int clones, const std::vector<std::string>& arguments) {
  WorkerPlace p;
  if (std::getenv("WORLD_SIZE") != nullptr) {
    ML_ASSIGN(p.size, number_of("WORLD_SIZE", 1, 4096, {}));
    ML_ASSIGN(p.rank, number_of("RANK", 0, p.size - 1, {}));
    ML_ASSIGN(p.port, number_of("MASTER_PORT", 1, 65535, p.port));
    if (const char* address = std::getenv("MASTER_ADDR")) p.address = address;
    return p;
  }
  p.size = clones;
  if (clones == 1) return p;
  p.port = free_port();
  for (int rank = 1; rank < clones; ++rank) {
    WorkerPlace other = p;
    other.rank = rank;
    ML_TRY(start(other, arguments));
  }
  return p;
}

Expected<void> Launcher::start(const WorkerPlace& p, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"monolite-train"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.emplace_back("--quiet");
  std::vector<char*> pointers;
  for (auto& w : words) pointers.push_back(w.data());
  pointers.push_back(nullptr);
  const std::string rank = std::to_string(p.rank), size = std::to_string(p.size), port = std::to_string(p.port);
  const pid_t child = ::fork();
  if (child < 0) return Unexpected(input_error("a worker", std::strerror(errno), "a process more"));
  if (child > 0) {
    children_.push_back(child);
    return {};
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // no worker outlives the first one
  ::setenv("MASTER_ADDR", p.address.c_str(), 1);
  ::setenv("MASTER_PORT", port.c_str(), 1);
  ::setenv("RANK", rank.c_str(), 1);
  ::setenv("WORLD_SIZE", size.c_str(), 1);
  ::execv("/proc/self/exe", pointers.data());
  ::_exit(127);
}

}  // namespace monolite::train
