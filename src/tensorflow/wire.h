#pragma once
// Reads the little numbers of binary formats from a run of bytes, never past its end.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

namespace monolite::tensorflow {

class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::span<const std::byte> rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

  // A base-128 number of at most 64 bits, least significant group first; nothing where the bytes end first.
  std::optional<uint64_t> varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return {};
  }

  std::optional<uint32_t> fixed32() {
    uint32_t value = 0;
    const auto bytes = take(sizeof value);
    if (!bytes) return {};
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
  }

  std::optional<std::span<const std::byte>> take(uint64_t count) {
    if (count > rest_.size()) return {};
    const auto bytes = rest_.first(static_cast<size_t>(count));
    rest_ = rest_.subspan(static_cast<size_t>(count));
    return bytes;
  }

 private:
  std::span<const std::byte> rest_;
};

inline void append_varint(std::string& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(value | 0x80));
  to.push_back(static_cast<char>(value));
}

inline void append_fixed32(std::string& to, uint32_t value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline std::string as_string(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace monolite::tensorflow
