// Any bytes: the reader gives a model or an error. What it reads, the writer writes, and that reads back the same, from
// the file as from a text.
#include <cstdlib>

#include "bytes.h"
#include "tflite/reader.h"
#include "tflite/text.h"
#include "tflite/unknown_fields.h"
#include "tflite/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const Buffer file = fuzz::buffer_of(data, size);
  const auto model = tflite::read(file, "fuzz");
  if (!model) return 0;
  (void)tflite::unknown_fields(file);
  const auto once = tflite::write(*model);
  if (!once) return 0;  // options that the schema does not know
  const auto again = tflite::read(Buffer::of(*once), "again");
  if (!again) std::abort();
  const auto twice = tflite::write(*again);
  if (!twice || *twice != *once) std::abort();
  const auto from_text = tflite::from_text(tflite::to_text(*again), "text");
  if (!from_text) std::abort();
  const auto thrice = tflite::write(*from_text);
  if (!thrice || *thrice != *once) std::abort();
  return 0;
}
