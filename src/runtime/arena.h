#pragma once
// Where tensors lie: one block of memory, laid out ahead. Tensors that are never needed at one time share bytes.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace monolite::runtime {

// Fast kernels load whole vectors: every block starts at such an address, and as many bytes behind it may be read.
inline constexpr int64_t kAlignment = 64;
inline constexpr int64_t kReadableBehind = 64;

// A block and the steps during which it must keep its bytes, both ends included.
struct Block {
  int64_t size_bytes = 0;
  int32_t first_step = 0, last_step = 0;
  int64_t offset = 0;  // filled in by lay_out
};

// Gives each block an offset; returns the bytes of all. The largest block first, each into the lowest gap that is free
// during its life.
int64_t lay_out(std::span<Block> blocks);

// Memory for it, aligned, with kReadableBehind bytes more.
class Memory {
 public:
  Memory() = default;
  explicit Memory(int64_t size_bytes);
  std::byte* data() const { return data_.get(); }
  int64_t size_bytes() const { return size_bytes_; }

 private:
  struct Free {
    int64_t alignment;
    Free() : alignment(kAlignment) {}
    explicit Free(int64_t a) : alignment(a) {}
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  int64_t size_bytes_ = 0;
};

}  // namespace monolite::runtime
