#pragma once
// The learning rate of each step, as research/deeplab's train.py has it.

#include <cstdint>

namespace monolite::train {

enum class Policy { poly, step };

struct Schedule {
  Policy policy = Policy::poly;
  double base_rate = 1e-4, end_rate = 0, power = 0.9;
  int64_t steps = 30000;       // of the whole training
  int64_t decay_steps = 0;     // poly; 0: all steps behind the slow start
  int64_t decay_every = 2000;  // step
  double decay_factor = 0.1;   // step
  int64_t slow_start_steps = 0;
  double slow_start_rate = 1e-4;
};

double learning_rate(const Schedule& s, int64_t step);

}  // namespace monolite::train
