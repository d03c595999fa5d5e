// Any bytes: the reader gives a model or an error. What it reads, the writer writes, and that reads back the same.
#include <cstdlib>

#include "tflite/reader.h"
#include "tflite/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const auto model = tflite::read(Buffer::copy_of(std::as_bytes(std::span(data, size))), "fuzz");
  if (!model) return 0;
  const auto once = tflite::write(*model);
  if (!once) return 0;  // options that the schema does not know
  const auto again = tflite::read(Buffer::of(*once), "again");
  if (!again) std::abort();
  const auto twice = tflite::write(*again);
  if (!twice || *twice != *once) std::abort();
  return 0;
}
