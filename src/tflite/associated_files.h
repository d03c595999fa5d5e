#pragma once
// The ZIP archive that TensorFlow Lite's metadata tools append behind a .tflite's flatbuffer: label files and the like.
// Format: PKWARE APPNOTE.TXT 6.3, 4.3 (local headers, central directory, end record).

#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"

namespace monolite::tflite {

// The part of a file's bytes that is the archive, from its first local header to its end record; empty if there is
// none.
Buffer find_archive(const Buffer& file);

// The archive's bytes as they must stand at `position` of a file: the offsets in its directory count from the file's
// start.
std::vector<std::byte> archive_at(const Buffer& archive, size_t position);

// The archive with one file more, stored, in the place of one of that name; `archive` may be empty.
Buffer with_file(const Buffer& archive, const std::string& name, const std::string& text);

// The names of the files in the archive, in the order of its directory.
std::vector<std::string> file_names(const Buffer& archive);

// The text of one file of the archive, stored or deflated.
//
// Errors: no such file, one of more than 16 MiB, another compression, broken data.
Expected<std::string> read_file_text(const Buffer& archive, const std::string& name);

}  // namespace monolite::tflite
