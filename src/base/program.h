#pragma once
// Which program runs.

#include <cstddef>
#include <span>

namespace monolite {

// The build id that the linker gave the program: another one whenever its code is another. Empty where it has none.
std::span<const std::byte> build_id();

}  // namespace monolite
