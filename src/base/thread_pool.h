#pragma once
// Threads that share the pieces of one loop. Neither allocates nor takes a lock while a loop runs.

#include <cstdint>
#include <memory>
#include <type_traits>

namespace monolite {

class ThreadPool {
 public:
  // A pool whose loops may use `threads` threads, the caller's being one of them: threads - 1 are started.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // How many its loops may use.
  int threads() const;

  // The process's pool, one thread a physical core. Its threads are not started before somebody prepares them.
  static ThreadPool& shared();

  // Starts the threads that loops of `threads` need, where they do not run yet. Loops before it use those that do.
  void prepare(int threads);

  // What several callers in parallel share: while a Caller lives, the pool lends one helper less to everybody else, so
  // that callers and helpers together never pass the pool's threads (unless there are more callers than that).
  class Caller {
   public:
    explicit Caller(ThreadPool& pool);
    ~Caller();
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

   private:
    ThreadPool& pool_;
  };

  // Calls body(piece, thread) for each piece in [0, pieces), on at most `most_threads` threads; thread is in
  // [0, most_threads), and no two calls with the same number run at one time. Returns when all are done. Which thread
  // gets which piece is not fixed. Where the helpers are busy with another caller's loop, the caller does all of it.
  //
  // Threads: may be called from several; not from inside of a body.
  template <class Body>
  void run(int64_t pieces, int most_threads, const Body& body) {
    const auto call = [](const void* b, int64_t piece, int thread) { (*static_cast<const Body*>(b))(piece, thread); };
    run_pieces(pieces, most_threads, call, &body);
  }

 private:
  struct NotStarted {};
  ThreadPool(int threads, NotStarted);

  using Call = void (*)(const void* body, int64_t piece, int thread);
  void run_pieces(int64_t pieces, int most_threads, Call call, const void* body);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace monolite
