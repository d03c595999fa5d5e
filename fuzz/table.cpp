// Any bytes: no table, or entries that are written and read back the same.
#include <cstdlib>

#include "bytes.h"
#include "tensorflow/table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const auto entries = tensorflow::read_table(fuzz::buffer_of(data, size), "fuzz");
  if (!entries) return 0;
  const std::string again = tensorflow::write_table(*entries);
  const auto read_back = tensorflow::read_table(Buffer::copy_of(std::as_bytes(std::span(again))), "again");
  if (!read_back || *read_back != *entries) std::abort();
  return 0;
}
