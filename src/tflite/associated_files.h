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

}  // namespace monolite::tflite
