#pragma once
// Two inputs of an elementwise op, of which one may repeat: its elements are one row of the other's.

#include <cstdint>
#include <optional>

#include "runtime/pieces.h"
#include "runtime/step.h"

namespace monolite::runtime {

class BroadcastRows {
 public:
  // Nothing where the inputs repeat in another way.
  static std::optional<BroadcastRows> make(const ops::NodeView& n, int threads) {
    const Shape &a = n.shape(0), &b = n.shape(1), &out = n.output_shape(0);
    BroadcastRows r;
    r.count_ = out.elements();
    if (r.count_ == 0) return {};
    r.repeats_a_ = a.elements() != r.count_;
    r.repeats_b_ = b.elements() != r.count_;
    if (r.repeats_a_ && r.repeats_b_) return {};
    r.row_ = r.repeats_a_ ? a.elements() : b.elements();
    if (!is_end_of(r.repeats_a_ ? a : b, out)) return {};
    if (!r.repeats_a_ && !r.repeats_b_) {
      r.pieces_ = pieces_of(r.count_, 4096, 65536, threads);
      r.row_ = r.pieces_.rows;
      r.pieces_.rows = 1;
      return r;
    }
    if (r.row_ == 1) {
      r.is_number_ = true;
      r.pieces_ = pieces_of(r.count_, 4096, 65536, threads);
      r.row_ = r.pieces_.rows;
      r.pieces_.rows = 1;
      return r;
    }
    if (r.row_ < kLeastRow) return {};
    r.pieces_ = pieces_of(r.count_ / r.row_, 4096 / r.row_ + 1, 65536 / r.row_ + 1, threads);
    return r;
  }

  // Is input k one number? Then a body is told of as many elements as of the other, and has to repeat it.
  bool is_number(int k) const { return is_number_ && (k == 0 ? repeats_a_ : repeats_b_); }
  bool has_number() const { return is_number_; }

  // Calls body(first element of a, of b, of the output, count), from several threads.
  template <class Body>
  void run(const RunContext& context, const Body& body) const {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      for (int64_t row = piece * pieces_.rows; row < (piece + 1) * pieces_.rows && row * row_ < count_; ++row) {
        const int64_t at = row * row_, count = count_ - at < row_ ? count_ - at : row_;
        body(repeats_a_ ? 0 : at, repeats_b_ ? 0 : at, at, count);
      }
    });
  }

 private:
  static constexpr int64_t kLeastRow = 16;  // below, calls cost more than what they do

  // Is `shape`, without ones before it, the end of `whole`?
  static bool is_end_of(const Shape& shape, const Shape& whole) {
    int rank = shape.rank();
    while (rank > 0 && shape.back(rank - 1) == 1) --rank;
    for (int i = 0; i < rank; ++i) {
      if (shape.back(i) != whole.back(i)) return false;
    }
    return true;
  }

  bool repeats_a_ = false, repeats_b_ = false, is_number_ = false;
  int64_t count_ = 0, row_ = 0;
  Pieces pieces_{};  // of rows
};

}  // namespace monolite::runtime
