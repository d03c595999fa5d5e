#pragma once
// A hash at the speed of the memory, to see whether bytes are those of before. Not against somebody who makes
// collisions on purpose: sha256.h is.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace monolite {

using FastHash = std::array<uint64_t, 2>;

// Another seed, another hash. The same on all little-endian machines.
FastHash fast_hash(std::span<const std::byte> bytes, FastHash seed = {});

}  // namespace monolite
