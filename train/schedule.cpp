#include "schedule.h"

#include <algorithm>
#include <cmath>

namespace monolite::train {

double learning_rate(const Schedule& s, int64_t step) {
  if (step < s.slow_start_steps) return s.slow_start_rate;
  const int64_t done = std::max<int64_t>(step - s.slow_start_steps, 0);
  if (s.policy == Policy::step)
    return s.base_rate * std::pow(s.decay_factor, static_cast<double>(done / std::max<int64_t>(s.decay_every, 1)));
  const int64_t over = std::max<int64_t>(s.decay_steps > 0 ? s.decay_steps : s.steps - s.slow_start_steps, 1);
  const double left = 1 - static_cast<double>(std::min(done, over)) / static_cast<double>(over);
  return (s.base_rate - s.end_rate) * std::pow(left, s.power) + s.end_rate;
}

}  // namespace monolite::train
