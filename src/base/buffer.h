#pragma once
// A run of bytes that somebody keeps alive: a part of a mapped file, or memory of our own.

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace monolite {

class Buffer {
 public:
  Buffer() = default;
  // A view of memory that `owner` keeps alive.
  Buffer(std::shared_ptr<const void> owner, std::span<const std::byte> bytes)
      : owner_(std::move(owner)), bytes_(bytes) {}

  // A copy of the bytes.
  static Buffer copy_of(std::span<const std::byte> bytes) {
    return of(std::vector<std::byte>(bytes.begin(), bytes.end()));
  }
  // The elements of a vector, kept without copying. T is a plain number.
  template <class T>
  static Buffer of(std::vector<T> values) {
    auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    const auto bytes = std::as_bytes(std::span(*owner));
    return Buffer(std::move(owner), bytes);
  }

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::byte* data() const { return bytes_.data(); }
  size_t size_bytes() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  // Element i, wherever it lies: bytes of a file need not be aligned for T.
  template <class T>
  T get(size_t i) const {
    T value;
    std::memcpy(&value, bytes_.data() + i * sizeof(T), sizeof(T));
    return value;
  }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
};

}  // namespace monolite
