#pragma once
// TFRecord files: records one behind the other, each with its length, and checksums of both.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/expected.h"

namespace monolite::tensorflow {

class TfRecordFile {
 public:
  // Walks over the records' lengths; their bytes are looked at when they are asked for. The file is mapped, not read.
  //
  // Errors: missing; cut; a length whose checksum is wrong; a compressed file (it is named as such).
  static Expected<TfRecordFile> open(const std::string& path);
  // The same for bytes in memory. `name` stands in messages.
  static Expected<TfRecordFile> parse(Buffer bytes, std::string name);

  const std::string& name() const { return name_; }
  size_t size() const { return records_.size(); }

  // A view of the record's bytes. Errors: a wrong checksum.
  Expected<std::span<const std::byte>> record(size_t i) const;

 private:
  struct Place {
    size_t offset = 0, size = 0;
  };
  Buffer bytes_;
  std::string name_;
  std::vector<Place> records_;
};

// Appends one record with its length and checksums: a file is nothing but such records.
void append_record(std::string& to, std::string_view record);

}  // namespace monolite::tensorflow
