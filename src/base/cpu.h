#pragma once
// What the machine can do: instruction sets and cores. The one place, besides kernels.inc files, that asks which
// machine this is.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace monolite {

// A set of instruction set extensions. Kernels name the ones that they need; a portable kernel needs none.
enum class Isa : uint32_t {
  none = 0,
  avx2 = 1,        // AVX2, FMA, F16C
  avxvnni = 2,     // 8-bit dot products on 256-bit vectors
  avx512 = 4,      // F, BW, DQ, VL, CD
  avx512vnni = 8,  // VNNI and VBMI on 512-bit vectors
  neon = 16,
  dotprod = 32,  // 8-bit dot products of NEON: SDOT
};

constexpr Isa operator|(Isa a, Isa b) { return static_cast<Isa>(static_cast<uint32_t>(a) | static_cast<uint32_t>(b)); }
constexpr Isa operator&(Isa a, Isa b) { return static_cast<Isa>(static_cast<uint32_t>(a) & static_cast<uint32_t>(b)); }

// Are all of `needs` in `have`?
constexpr bool covers(Isa have, Isa needs) { return (have & needs) == needs; }

// "avx2+avxvnni"; "none".
std::string to_string(Isa isa);

// What a cap allows, of what any machine has: "avx512vnni", "avx512", "avxvnni", "avx2", "dotprod", "neon", "none".
// Nothing for another word.
std::optional<Isa> isa_up_to(std::string_view cap);

// What this machine and its operating system have, cut to what the environment variable MONOLITE_ISA allows. An unknown
// word there allows all. Found once.
Isa usable_isa();

// The cores that this process may run on, each counted once however many hardware threads it has; at least 1.
int physical_cores();

}  // namespace monolite
