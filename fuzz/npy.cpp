// Any bytes as a .npy: an error, or an array that is written and read back the same.
#include <cstdlib>
#include <cstring>

#include "bytes.h"
#include "image/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const auto array = image::decode_npy(fuzz::buffer_of(data, size), "fuzz");
  if (!array) return 0;
  const auto again = image::decode_npy(Buffer::of(image::encode_npy(*array)), "again");
  if (!again || again->shape != array->shape || again->kind != array->kind || again->item_bytes != array->item_bytes)
    std::abort();
  if (again->data.size_bytes() != array->data.size_bytes()) std::abort();
  if (!array->data.empty() && std::memcmp(again->data.data(), array->data.data(), array->data.size_bytes()) != 0)
    std::abort();
  return 0;
}
