#include "ops/work.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ops/limits.h"

namespace monolite::ops {
namespace {

constexpr int64_t kEndless = std::numeric_limits<int64_t>::max();

int64_t volume(const Shape& shape) {
  int64_t all = 1;
  for (const int32_t extent : shape) all = saturated_product({all, std::max(extent, 1)});
  return all;
}

}  // namespace

int64_t saturated_product(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (const int64_t f : factors) {
    if (f == 0) return 0;
    product = product > kEndless / f ? kEndless : product * f;
  }
  return product;
}

int64_t work(const NodeView& n) {
  const Cost cost = find_op(n.node())->cost(n);
  int64_t most = cost.macs < 0 ? kEndless : std::max(cost.macs, cost.visits);  // below 0: beyond 64 bits
  for (int i = 0; i < n.input_count(); ++i) {
    if (n.has_input(i)) most = std::max(most, volume(n.shape(i)));
  }
  for (int i = 0; i < n.output_count(); ++i) most = std::max(most, volume(n.output_shape(i)));
  return most;
}

Expected<void> WorkMeter::add(const NodeView& n, int64_t least) {
  const int64_t more = std::max(work(n), least);
  if (more <= kMostWork - total_) {
    total_ += more;
    return {};
  }
  return Unexpected(n.fail(more > kMostWork ? fmt::format("{} steps of work", more)
                                            : fmt::format("{} steps of work up to here", total_ + more),
                           fmt::format("at most {} in one inference", kMostWork),
                           "use a smaller input; where the sizes look wrong, the file is damaged"));
}

Expected<void> compute(const Evaluation& n) {
  bool is_empty = n.output_count() > 0;
  for (int i = 0; i < n.output_count(); ++i) is_empty = is_empty && n.output_shape(i).elements() == 0;
  return is_empty ? Expected<void>() : find_op(n.node())->reference(n);
}

}  // namespace monolite::ops
