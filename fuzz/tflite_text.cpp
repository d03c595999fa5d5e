// Any bytes as a model's text: an error, or a model whose text says the same again.
#include <cstdlib>

#include "tflite/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const auto model = tflite::from_text({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!model) return 0;
  const std::string once = tflite::to_text(*model);
  const auto again = tflite::from_text(once, "again");
  if (!again || tflite::to_text(*again) != once) std::abort();
  return 0;
}
