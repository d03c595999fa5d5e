#pragma once
// NumPy's .npy files, format versions 1 to 3 (numpy/lib/format.py describes them).

#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"

namespace monolite::image {

// An array of plain numbers, little-endian, row-major.
struct NpyArray {
  char kind = 'f';     // as NumPy says it: b boolean, i integer, u unsigned, f float, c complex
  int item_bytes = 4;  // of one element
  std::vector<int64_t> shape;
  Buffer data;
};

bool is_npy(const Buffer& file);

// The array in a file; the data is a view of it.
//
// Errors: not a .npy, a broken header, big-endian numbers, Fortran order, objects and records, a shape that the data
// does not fill exactly. `name` stands in messages.
Expected<NpyArray> decode_npy(const Buffer& file, const std::string& name);
Expected<NpyArray> read_npy(const std::string& path);

// The bytes of a version 1 file, which every NumPy reads (version 2 where the header is longer than 64 KiB).
std::vector<std::byte> encode_npy(const NpyArray& array);
Expected<void> write_npy(const NpyArray& array, const std::string& path);

}  // namespace monolite::image
