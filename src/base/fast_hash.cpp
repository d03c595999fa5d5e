#include "base/fast_hash.h"

#include <algorithm>
#include <cstring>

namespace monolite {
namespace {

// Odd numbers without a pattern: the first digits of pi behind the point.
constexpr uint64_t kNumbers[] = {0x243F6A8885A308D3, 0x13198A2E03707345, 0xA4093822299F31D1, 0x082EFA98EC4E6C89};

// Both halves of the product: every bit of the result depends on all bits of both.
uint64_t mixed(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t word(const std::byte* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof(value));
  return value;
}

}  // namespace

FastHash fast_hash(std::span<const std::byte> bytes, FastHash seed) {
  constexpr size_t kLanes = 4, kBlock = kLanes * 16;
  uint64_t lanes[kLanes];
  for (size_t i = 0; i < kLanes; ++i) lanes[i] = kNumbers[i] ^ seed[i % 2];
  const auto take = [&](const std::byte* block) {
    for (size_t i = 0; i < kLanes; ++i) {
      // A word alone would be lost where the other factor is 0; what is added keeps it.
      const uint64_t a = word(block + 16 * i), b = word(block + 16 * i + 8);
      lanes[i] = mixed(lanes[i] ^ a, b ^ kNumbers[i]) + (a ^ (b << 32 | b >> 32));
    }
  };
  size_t at = 0;
  for (; at + kBlock <= bytes.size(); at += kBlock) take(bytes.data() + at);
  std::byte rest[kBlock] = {};
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), rest);
  take(rest);
  const uint64_t length = bytes.size();
  const uint64_t low = mixed(lanes[0] ^ length, lanes[1] ^ kNumbers[2]);
  const uint64_t high = mixed(lanes[2] ^ length, lanes[3] ^ kNumbers[3]);
  return {mixed(low ^ kNumbers[0], high ^ kNumbers[1]) + low, mixed(high ^ kNumbers[2], low ^ kNumbers[3]) + high};
}

}  // namespace monolite
