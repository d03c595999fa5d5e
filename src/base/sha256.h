#pragma once
// SHA-256 (FIPS 180-4), to name a file by its content.

#include <cstddef>
#include <span>
#include <string>

namespace monolite {

// The digest as 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace monolite
