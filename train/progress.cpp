#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace monolite::train {

std::string format_seconds(double seconds) {
  const auto s = static_cast<long>(std::min(std::max(seconds, 0.0), 3.6e6) + 0.5);
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

ProgressBar::ProgressBar(bool is_quiet) : is_quiet_(is_quiet), is_terminal_(::isatty(STDERR_FILENO) != 0) {}

void ProgressBar::show(const Tick& t) {
  if (is_quiet_) return;
  const std::string line = fmt::format("step {}/{}  loss {:.4f}  lr {:.3g}  {:.1f} images/s  {} left", t.step, t.steps,
                                       t.loss, t.learning_rate, t.images_per_second, format_seconds(t.seconds_left));
  if (!is_terminal_) {
    fmt::print(stderr, "{}\n", line);
    return;
  }
  constexpr int kWidth = 24;
  const int done = static_cast<int>(kWidth * t.step / std::max<int64_t>(t.steps, 1));
  fmt::print(stderr, "\r\x1b[K[{:=<{}}{: <{}}] {}", "", done, "", kWidth - done, line);
  std::fflush(stderr);
  is_shown_ = true;
}

void ProgressBar::clear() {
  if (is_shown_) fmt::print(stderr, "\n");
  is_shown_ = false;
}

}  // namespace monolite::train
