#include "base/program.h"

#include <link.h>

#include <cstring>
#include <string_view>

namespace monolite {
namespace {

// The GNU build id among the notes of a segment.
std::span<const std::byte> id_in(const std::byte* notes, size_t size) {
  const auto padded = [](size_t n) { return (n + 3) / 4 * 4; };
  for (size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof(note));
    const size_t name = at + sizeof(note), value = name + padded(note.n_namesz);
    const size_t end = value + padded(note.n_descsz);
    if (end > size) break;
    const std::string_view owner(reinterpret_cast<const char*>(notes + name), note.n_namesz);
    if (note.n_type == NT_GNU_BUILD_ID && owner == std::string_view("GNU\0", 4)) {
      return {notes + value, note.n_descsz};
    }
    at = end;
  }
  return {};
}

}  // namespace

std::span<const std::byte> build_id() {
  std::span<const std::byte> id;
  // The program itself comes first.
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* result) {
        auto& found = *static_cast<std::span<const std::byte>*>(result);
        for (int i = 0; i < info->dlpi_phnum && found.empty(); ++i) {
          const auto& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_NOTE) continue;
          found = id_in(reinterpret_cast<const std::byte*>(info->dlpi_addr + segment.p_vaddr), segment.p_memsz);
        }
        return 1;
      },
      &id);
  return id;
}

}  // namespace monolite
