#include "base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "base/cpu.h"

namespace monolite {
namespace {

// How often a helper looks for the next loop before it goes to sleep: some 50 microseconds, longer than the pause
// between two steps of an inference, much shorter than a scheduler's time slice.
constexpr int kLooks = 4000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace

// A loop is open while its pieces may be taken. A helper says that it is inside before it looks whether the loop is
// still open, and the caller closes the loop before it looks whether somebody is inside: one of the two sees the other,
// so the caller never returns under a helper that works, and never waits for one that sleeps.
struct ThreadPool::State {
  alignas(64) std::atomic<uint32_t> generation{0};  // odd: a loop is open
  alignas(64) std::atomic<int> inside{0};
  alignas(64) std::atomic<int64_t> next{0};
  alignas(64) std::atomic<bool> taken{false};  // by a caller
  std::atomic<int> callers{0};
  std::atomic<bool> stop{false};
  // The open loop; written by the caller while no helper is inside.
  std::atomic<int64_t> pieces{0};
  std::atomic<int> helpers{0};  // how many may help
  std::atomic<Call> call{nullptr};
  std::atomic<const void*> body{nullptr};
  int most_threads = 1;
  std::mutex starting;
  std::vector<std::thread> threads;  // written while `starting` is held
  std::atomic<int> started{0};       // how many there are

  void work(int thread) {
    const Call f = call.load(std::memory_order_relaxed);
    const void* b = body.load(std::memory_order_relaxed);
    const int64_t count = pieces.load(std::memory_order_relaxed);
    for (int64_t piece; (piece = next.fetch_add(1, std::memory_order_relaxed)) < count;) f(b, piece, thread);
  }

  void help(int helper) {
    uint32_t seen = 0;
    for (;;) {
      const uint32_t now = await_other_than(seen);
      if (stop.load()) return;
      seen = now;
      if (now % 2 == 0) continue;
      inside.fetch_add(1);
      if (generation.load() == now && helper < helpers.load(std::memory_order_relaxed)) work(helper + 1);
      inside.fetch_sub(1);
    }
  }

  uint32_t await_other_than(uint32_t seen) {
    for (int i = 0; i < kLooks; ++i) {
      const uint32_t now = generation.load();
      if (now != seen) return now;
      pause_briefly();
    }
    generation.wait(seen);
    return generation.load();
  }

  void open(int64_t count, int most_helpers, Call f, const void* b) {
    pieces.store(count, std::memory_order_relaxed);
    helpers.store(most_helpers, std::memory_order_relaxed);
    call.store(f, std::memory_order_relaxed);
    body.store(b, std::memory_order_relaxed);
    next.store(0, std::memory_order_relaxed);
    generation.fetch_add(1);
    generation.notify_all();
  }

  void close() {
    generation.fetch_add(1);
    for (int looks = 0; inside.load() != 0; ++looks) {
      if (looks < kLooks) {
        pause_briefly();
      } else {
        std::this_thread::yield();
      }
    }
  }
};

ThreadPool::ThreadPool(int threads) : ThreadPool(threads, NotStarted{}) { prepare(threads); }

ThreadPool::ThreadPool(int threads, NotStarted) : state_(std::make_unique<State>()) {
  state_->most_threads = std::max(1, threads);
}

void ThreadPool::prepare(int threads) {
  const std::lock_guard lock(state_->starting);
  const int wanted = std::min(threads, state_->most_threads) - 1;
  for (int i = static_cast<int>(state_->threads.size()); i < wanted; ++i) {
    state_->threads.emplace_back([state = state_.get(), i] { state->help(i); });
    state_->started.store(i + 1);
  }
}

ThreadPool::~ThreadPool() {
  state_->stop.store(true);
  state_->generation.fetch_add(2);
  state_->generation.notify_all();
  for (std::thread& t : state_->threads) t.join();
}

int ThreadPool::threads() const { return state_->most_threads; }

ThreadPool& ThreadPool::shared() {
  static ThreadPool pool(physical_cores(), NotStarted{});
  return pool;
}

ThreadPool::Caller::Caller(ThreadPool& pool) : pool_(pool) { pool_.state_->callers.fetch_add(1); }
ThreadPool::Caller::~Caller() { pool_.state_->callers.fetch_sub(1); }

void ThreadPool::run_pieces(int64_t pieces, int most_threads, Call call, const void* body) {
  const int others = std::max(0, state_->callers.load(std::memory_order_relaxed) - 1);
  const int free = std::min(state_->started.load(std::memory_order_relaxed), threads() - 1 - others);
  const int helpers = static_cast<int>(std::min<int64_t>({most_threads - 1, free, pieces - 1}));
  if (helpers < 1 || state_->taken.exchange(true, std::memory_order_acquire)) {
    for (int64_t piece = 0; piece < pieces; ++piece) call(body, piece, 0);
    return;
  }
  state_->open(pieces, helpers, call, body);
  state_->work(0);
  state_->close();
  state_->taken.store(false, std::memory_order_release);
}

}  // namespace monolite
