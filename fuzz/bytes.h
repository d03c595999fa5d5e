#pragma once
// What libFuzzer gives and takes, as the library has it.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"

namespace monolite::fuzz {

inline Buffer buffer_of(const uint8_t* data, size_t size) {
  return Buffer::copy_of(std::as_bytes(std::span(data, size)));
}

// Puts a written file where it fits; 0 where it does not, or was not written.
inline size_t store(const Expected<std::vector<std::byte>>& written, uint8_t* data, size_t max_size) {
  if (!written || written->size() > max_size) return 0;
  std::memcpy(data, written->data(), written->size());
  return written->size();
}

}  // namespace monolite::fuzz
