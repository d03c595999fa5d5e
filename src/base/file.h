#pragma once
// Files: read by mapping, written whole or not at all.

#include <span>
#include <string>

#include "base/buffer.h"
#include "base/expected.h"

namespace monolite {

// The bytes of a file, mapped read-only. An empty file gives an empty buffer.
//
// Errors: missing, a directory, not readable.
Expected<Buffer> map_file(const std::string& path);

// Gives back the memory that holds a part of a file that map_file() mapped: it is read again when somebody looks there.
// Does nothing to other memory. Safe from several threads.
void release_pages(std::span<const std::byte> bytes);

// Writes a file beside `path` and renames it over `path` once it is complete and on disk.
//
// Errors: the folder is missing or not writable, the disk is full. `path` is then as it was.
Expected<void> write_file(const std::string& path, std::span<const std::byte> bytes);
Expected<void> write_file(const std::string& path, const std::string& text);

// Makes a folder and the ones above it; an existing one is fine.
Expected<void> make_folder(const std::string& path);

}  // namespace monolite
