#include "base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace monolite {
namespace {

#if defined(__x86_64__)
// AVX-VNNI: leaf 7, subleaf 1, EAX bit 4 (Intel SDM, CPUID). Clang 14's __builtin_cpu_supports does not know the name.
bool has_avxvnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & (1u << 4)) != 0;
}
#endif

Isa machine_isa() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  Isa isa = Isa::none;
  const auto has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (!has_avx2) return isa;
  isa = Isa::avx2;
  if (has_avxvnni()) isa = isa | Isa::avxvnni;
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512cd");
  if (!has_avx512) return isa;
  isa = isa | Isa::avx512;
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi")) isa = isa | Isa::avx512vnni;
  return isa;
#elif defined(__aarch64__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0 ? Isa::neon | Isa::dotprod : Isa::neon;
#else
  return Isa::none;
#endif
}

// The hardware threads that share a core with `cpu`, as the kernel writes them; only compared.
std::string core_of(int cpu) {
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
  std::string siblings;
  if (!std::getline(file, siblings)) siblings = std::to_string(cpu);
  return siblings;
}

}  // namespace

std::string to_string(Isa isa) {
  static constexpr struct {
    Isa bit;
    const char* name;
  } kNames[] = {{Isa::avx2, "avx2"},     {Isa::avxvnni, "avxvnni"},
                {Isa::avx512, "avx512"}, {Isa::avx512vnni, "avx512vnni"},
                {Isa::neon, "neon"},     {Isa::dotprod, "dotprod"}};
  std::string text;
  for (const auto& n : kNames) {
    if (covers(isa, n.bit)) text += (text.empty() ? "" : "+") + std::string(n.name);
  }
  return text.empty() ? "none" : text;
}

std::optional<Isa> isa_up_to(std::string_view cap) {
  if (cap == "none") return Isa::none;
  if (cap == "neon") return Isa::neon;
  if (cap == "dotprod") return Isa::neon | Isa::dotprod;
  if (cap == "avx2") return Isa::avx2;
  if (cap == "avxvnni") return Isa::avx2 | Isa::avxvnni;
  if (cap == "avx512") return Isa::avx2 | Isa::avx512;
  if (cap == "avx512vnni") return Isa::avx2 | Isa::avxvnni | Isa::avx512 | Isa::avx512vnni;
  return {};
}

Isa usable_isa() {
  static const Isa isa = [] {
    const char* cap = std::getenv("MONOLITE_ISA");
    const auto allowed = cap != nullptr ? isa_up_to(cap) : std::nullopt;
    return allowed ? machine_isa() & *allowed : machine_isa();
  }();
  return isa;
}

int physical_cores() {
  static const int cores = [] {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
    std::set<std::string> distinct;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &allowed)) distinct.insert(core_of(cpu));
    }
    return std::max(1, static_cast<int>(distinct.size()));
  }();
  return cores;
}

}  // namespace monolite
