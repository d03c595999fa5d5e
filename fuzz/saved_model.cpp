// Any bytes as the saved_model.pb of a folder without variables.
#include <cstdint>

#include "scratch_folder.h"
#include "tensorflow/saved_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  static const fuzz::ScratchFolder folder;
  folder.write("saved_model.pb", {reinterpret_cast<const char*>(data), size});
  (void)tensorflow::read_saved_model(folder.path(), {"serve"});
  return 0;
}
