// Any bytes as a label file: names that can be shown, in bounded memory.
#include "tasks/labels.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const auto labels = tasks::parse_labels({reinterpret_cast<const char*>(data), size}, "fuzz");
  (void)tasks::fit_labels(labels, 21).name(20);
  return 0;
}
