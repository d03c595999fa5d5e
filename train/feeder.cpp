#include "feeder.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace monolite::train {
namespace {

constexpr int64_t kAhead = 4;

uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t z = (a ^ 0xD1B54A32D192ED03u) * 0x9E3779B97F4A7C15u + b;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// Where pass `pass` over `size` pictures has its `i`-th: a permutation without a table (a Feistel network over the next
// power of four, walked until it lands inside).
int64_t shuffled(int64_t i, int64_t size, uint64_t key) {
  int half_bits = 1;
  while ((int64_t{1} << (2 * half_bits)) < size) ++half_bits;
  const uint64_t mask = (uint64_t{1} << half_bits) - 1;
  auto x = static_cast<uint64_t>(i);
  do {
    uint64_t left = x >> half_bits, right = x & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t mixed = left ^ (mix(key + round, right) & mask);
      left = right;
      right = mixed;
    }
    x = left << half_bits | right;
  } while (x >= static_cast<uint64_t>(size));
  return static_cast<int64_t>(x);
}

Batch empty_batch(const FeedOptions& o, int count) {
  Batch b{count, o.height, o.width, {}, {}};
  b.images.resize(b.pixels() * 3);
  b.labels.resize(b.pixels());
  return b;
}

Expected<Sample> load(const Source& source, const FeedOptions& o, int64_t index) {
  ML_ASSIGN(Sample s, source.load(index));
  ML_TRY(data::check_labels(s, o.classes, o.augmentation.ignore_label));
  return s;
}

}  // namespace

Expected<Batch> make_batch(const Source& source, const FeedOptions& o, int64_t step) {
  Batch b = empty_batch(o, o.part_size());
  const size_t pixels = b.pixels() / static_cast<size_t>(b.count);
  for (int i = 0; i < b.count; ++i) {
    const int64_t number = step * o.batch_size + int64_t{o.rank} * b.count + i, pass = number / source.size();
    const int64_t index = shuffled(number % source.size(), source.size(), mix(o.seed, static_cast<uint64_t>(pass)));
    ML_ASSIGN(const Sample s, load(source, o, index));
    augment(s, o.augmentation, mix(o.seed + 1, static_cast<uint64_t>(number)), o.height, o.width,
            b.images.data() + pixels * 3 * static_cast<size_t>(i), b.labels.data() + pixels * static_cast<size_t>(i));
  }
  return b;
}

Expected<Batch> make_validation_batch(const Source& source, const FeedOptions& o, int64_t first, int count,
                                      bool whole) {
  Batch b = empty_batch(o, count);
  const size_t pixels = b.pixels() / static_cast<size_t>(count);
  for (int i = 0; i < count; ++i) {
    ML_ASSIGN(const Sample s, load(source, o, first + i));
    const auto& lay = whole ? fit : place;
    lay(s, o.augmentation.ignore_label, o.height, o.width, b.images.data() + pixels * 3 * static_cast<size_t>(i),
        b.labels.data() + pixels * static_cast<size_t>(i));
  }
  return b;
}

Feeder::Feeder(const Source& source, const FeedOptions& options, int64_t first_step, int64_t steps)
    : source_(source), options_(options), steps_(steps), begun_(first_step), taken_(first_step) {
  for (int i = 0; i < std::max(options.threads, 1); ++i) threads_.emplace_back([this] { work(); });
}

Feeder::~Feeder() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  for (auto& t : threads_) t.join();
}

void Feeder::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stops_ || begun_ >= steps_ || begun_ < taken_ + kAhead; });
    if (stops_ || begun_ >= steps_) return;
    const int64_t step = begun_++;
    lock.unlock();
    Expected<Batch> batch = make_batch(source_, options_, step);
    lock.lock();
    ready_.emplace(step, std::move(batch));
    changed_.notify_all();
  }
}

Expected<Batch> Feeder::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ready_.contains(taken_); });
  auto node = ready_.extract(taken_++);
  changed_.notify_all();
  return std::move(node.mapped());
}

}  // namespace monolite::train
