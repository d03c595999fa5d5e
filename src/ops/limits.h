#pragma once
// Bounds that keep a hostile or mistaken model from taking the whole machine. None of the field's models comes near
// them.

#include <cstdint>

namespace monolite::ops {

inline constexpr int64_t kMostTensorBytes = int64_t{2} << 30;  // one tensor
inline constexpr int64_t kMostLiveBytes = int64_t{3} << 30;    // all tensors that hold values at one time
inline constexpr int64_t kMostWork = int64_t{1} << 38;         // steps of one inference, as ops/work.h counts them
inline constexpr int64_t kMostRounds = int64_t{1} << 18;       // of one loop
inline constexpr int64_t kMostCalledNodes = int64_t{1} << 20;  // of graphs in graphs, one round of each loop
inline constexpr int64_t kLeastCalledWork = int64_t{1} << 12;  // what a node counts in a graph that another one runs
inline constexpr int64_t kMostFoldedElements = 1024;           // values computed ahead, to find shapes

}  // namespace monolite::ops
