#pragma once
// The sorted string table that a checkpoint's index is (TensorFlow's variant of LevelDB's: blocks of prefix-compressed
// entries, each with a checksum and perhaps snappy, an index block, a footer).

#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"

namespace monolite::tensorflow {

using TableEntries = std::vector<std::pair<std::string, std::string>>;

// All entries, in the order of their keys.
//
// Errors: not such a file, a wrong checksum, anything that points outside of the file, keys out of order or longer than
// 64 KiB, more than 256 MiB of keys and values.
Expected<TableEntries> read_table(const Buffer& bytes, const std::string& name);

// The bytes of a table with these entries; their keys must rise.
std::string write_table(const TableEntries& entries);

}  // namespace monolite::tensorflow
