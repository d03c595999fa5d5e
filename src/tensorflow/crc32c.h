#pragma once
// CRC-32C (Castagnoli, RFC 3720), and the masking that tables and bundles store it with.

#include <cstddef>
#include <cstdint>
#include <span>

namespace monolite::tensorflow {

// The checksum of what `crc` was computed from (0: nothing), followed by `bytes`.
uint32_t crc32c(std::span<const std::byte> bytes, uint32_t crc = 0);

// Stored checksums are rotated and offset, so that a checksum of data that holds checksums stays meaningful.
inline uint32_t mask_crc(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

}  // namespace monolite::tensorflow
