#pragma once
// How far the training is, on stderr: a bar on a terminal, else a line a tick.

#include "trainer.h"

namespace monolite::train {

class ProgressBar {
 public:
  explicit ProgressBar(bool is_quiet);
  void show(const Tick& tick);
  // Ends the bar's line, so that something else can be printed.
  void clear();

 private:
  bool is_quiet_, is_terminal_, is_shown_ = false;
};

// "1:02:03", "4:05".
std::string format_seconds(double seconds);

}  // namespace monolite::train
