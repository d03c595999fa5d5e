#pragma once
// Packed weights as one run of bytes, to keep in a file, and back. What comes back is not trusted: a reader gives out
// no more than there is, and whoever reads checks each number that says where something lies.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "kernels/requantize_q8.h"

namespace monolite::kernels {

inline constexpr size_t kStoredAlignment = 64;  // of each array; the whole must lie so, too

// What packed weights are for: a kernel and three extents of the layer. Without padding: a file gets all of it.
struct StoredKey {
  char kernel[48] = {};
  int64_t extents[3];

  StoredKey(std::string_view name, int a, int b, int c) : extents{a, b, c} { name.copy(kernel, sizeof(kernel) - 1); }
  bool operator==(const StoredKey&) const = default;
};

class StoredWriter {
 public:
  template <class T>
  void put(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto* from = reinterpret_cast<const std::byte*>(values.data());
    bytes_.insert(bytes_.end(), from, from + values.size_bytes());
    bytes_.resize((bytes_.size() + kStoredAlignment - 1) / kStoredAlignment * kStoredAlignment);
  }
  template <class T>
  void put(const T& value) {
    put(std::span<const T>(&value, 1));
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class StoredReader {
 public:
  explicit StoredReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // The next `count` elements; null where they are not there.
  template <class T>
  const T* take(int64_t count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kStoredAlignment);
    if (count < 0 || static_cast<uint64_t>(count) > bytes_.size() / sizeof(T)) return nullptr;
    const std::byte* start = bytes_.data();
    const size_t size =
        (static_cast<size_t>(count) * sizeof(T) + kStoredAlignment - 1) / kStoredAlignment * kStoredAlignment;
    if (size > bytes_.size()) return nullptr;
    bytes_ = bytes_.subspan(size);
    return reinterpret_cast<const T*>(start);
  }
  bool is_at_end() const { return bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
};

// Shifts that kernels may make.
inline bool are_usable(std::span<const RequantizeQ8> blocks) {
  for (const RequantizeQ8& b : blocks) {
    for (int i = 0; i < 16; ++i) {
      if (b.left[i] < 0 || b.left[i] > 31 || b.shift[i % 2][i / 2] < 0 || b.shift[i % 2][i / 2] > 63) return false;
    }
  }
  return true;
}

inline bool is_usable(EndingQ8 ending) {
  return static_cast<int>(ending) <= static_cast<int>(EndingQ8::certain_rectified);
}

}  // namespace monolite::kernels
