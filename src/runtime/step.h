#pragma once
// A step of a plan: one node, or several that are computed as one.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/thread_pool.h"
#include "ops/node_view.h"

namespace monolite::runtime {

// What a step may use while it runs.
struct RunContext {
  ThreadPool& pool;
  int threads;         // at most so many
  std::byte* scratch;  // threads pieces of scratch_stride bytes, each aligned to kAlignment
  int64_t scratch_stride;

  template <class T>
  T* scratch_of(int thread) const {
    return reinterpret_cast<T*>(scratch + thread * scratch_stride);
  }
};

// Where a tensor lies, for Step::bind().
template <class T>
T* elements_of(std::span<const ops::TensorState> tensors, TensorId id) {
  return reinterpret_cast<T*>(tensors[static_cast<size_t>(id)].data);
}

class Step {
 public:
  virtual ~Step() = default;

  // Told once where the tensors lie, before the first run. They stay there.
  virtual void bind(std::span<const ops::TensorState> tensors) = 0;

  // Computes what the step writes. Neither allocates nor locks, unless it is a reference step.
  virtual Expected<void> run(const RunContext& context) = 0;

  std::vector<size_t> nodes;            // which nodes of the graph it computes, in order
  std::string kernel_name;              // by which it does
  std::vector<TensorId> reads, writes;  // tensors outside of the step
  int64_t scratch_bytes = 0;            // for each thread

  // A tensor of `writes` that is the bytes of one of `reads` from an offset (a multiple of kAlignment) on: it is not
  // written, but lies there.
  struct Alias {
    TensorId tensor, of;
    int64_t offset_bytes;
  };
  std::vector<Alias> aliases;
};

}  // namespace monolite::runtime
