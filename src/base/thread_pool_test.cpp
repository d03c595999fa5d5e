#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace monolite {
namespace {

TEST(ThreadPool, DoesEachPieceOnce) {
  ThreadPool pool(4);
  for (int64_t pieces : {0, 1, 2, 3, 100}) {
    std::vector<std::atomic<int>> done(static_cast<size_t>(pieces));
    pool.run(pieces, 4, [&](int64_t i, int) { done[static_cast<size_t>(i)]++; });
    for (const auto& d : done) EXPECT_EQ(d, 1);
  }
}

TEST(ThreadPool, WhatPiecesWriteIsSeenAfterwards) {
  ThreadPool pool(3);
  std::vector<int64_t> values(1000);
  for (int64_t round = 1; round <= 200; ++round) {
    pool.run(1000, 3, [&](int64_t i, int) { values[static_cast<size_t>(i)] += i; });
    for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], round * static_cast<int64_t>(i));
  }
}

TEST(ThreadPool, NoTwoPiecesShareAThreadNumberAtOneTime) {
  ThreadPool pool(4);
  std::atomic<int> inside[3] = {};
  std::atomic<bool> shared{false};
  pool.run(300, 3, [&](int64_t, int thread) {
    ASSERT_LT(thread, 3);
    if (inside[thread].fetch_add(1) != 0) shared = true;
    std::this_thread::yield();
    inside[thread].fetch_sub(1);
  });
  EXPECT_FALSE(shared);
}

TEST(ThreadPool, ServesSeveralCallersAtOnce) {
  ThreadPool pool(3);
  std::vector<std::thread> callers;
  std::atomic<int64_t> sum{0};
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      const ThreadPool::Caller caller(pool);
      for (int round = 0; round < 100; ++round) pool.run(50, 3, [&](int64_t i, int) { sum += i; });
    });
  }
  for (auto& c : callers) c.join();
  EXPECT_EQ(sum, 4 * 100 * (49 * 50 / 2));
}

TEST(ThreadPool, CallersAndHelpersStayWithinThePool) {
  ThreadPool pool(2);
  const ThreadPool::Caller one(pool), other(pool);
  const auto self = std::this_thread::get_id();
  pool.run(100, 2, [&](int64_t, int) { EXPECT_EQ(std::this_thread::get_id(), self); });
}

}  // namespace
}  // namespace monolite
