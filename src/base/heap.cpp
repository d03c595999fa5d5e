#include "base/heap.h"

#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace monolite {

#ifdef __GLIBC__

void grow_heap_by_large_pages() {
  constexpr int kReserved = 64 << 20;  // addresses; what is not used costs nothing
  constexpr uintptr_t kLargePage = 2 << 20;
  ::mallopt(M_TOP_PAD, kReserved);
  ::mallopt(M_TRIM_THRESHOLD, kReserved);
  ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
  void* const before = ::sbrk(0);
  void* volatile more = std::malloc(1 << 20);  // than the heap has at the start of a program: it grows
  std::free(more);
  ::mallopt(M_TOP_PAD, 128 << 10);
  void* const after = ::sbrk(0);
  const uintptr_t first = (reinterpret_cast<uintptr_t>(before) + kLargePage - 1) / kLargePage * kLargePage;
  const auto last = reinterpret_cast<uintptr_t>(after);
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

#else

void grow_heap_by_large_pages() {}

#endif

}  // namespace monolite
