#pragma once
// TFRecord files: records one behind the other, each with its length and two checksums
// (tensorflow/core/lib/io/record_writer.h describes them).

#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"

namespace monolite::data {

class RecordFile {
 public:
  // Finds the records: lengths and their checksums are read, the records themselves are not.
  //
  // Errors: a file that cannot be read, is compressed, ends inside of a record, or has a wrong checksum of a length.
  static Expected<RecordFile> open(const std::string& path);
  // `name` stands in messages.
  static Expected<RecordFile> parse(Buffer bytes, const std::string& name);

  int64_t size() const { return static_cast<int64_t>(records_.size()); }
  const std::string& name() const { return name_; }

  // The bytes of a record; valid as long as the file's. Errors: a wrong checksum. Threads: safe.
  Expected<std::span<const std::byte>> record(int64_t index) const;

 private:
  struct Place {
    size_t begin = 0, size = 0;
  };
  std::string name_;
  Buffer bytes_;
  std::vector<Place> records_;
};

// Adds a record to the bytes of a file.
void append_record(std::string& file, std::span<const std::byte> record);

}  // namespace monolite::data
