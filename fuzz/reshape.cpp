// Any bytes as a model, given another size, output stride or batch: an error, or a model that can be used.
#include "reshaping/reshape.h"
#include "changed_model.h"
#include "model_mutator.h"
#include "small_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  if (size < 4) return 0;
  auto model = tflite::read(fuzz::buffer_of(data, size), "fuzz");
  if (!model || !fuzz::is_small(*model)) return 0;
  const uint8_t* wanted = data + size - 4;  // a flatbuffer ends in padding or text: these bytes may be anything
  reshaping::Request request;
  if (wanted[0] > 0) request.height = wanted[0];
  if (wanted[1] > 0) request.width = wanted[1];
  if (wanted[2] > 0) request.output_stride = int64_t{1} << (wanted[2] % 8);
  if (wanted[3] % 4 > 0) request.batch = wanted[3] % 4;
  request.keeps_grid = wanted[3] >= 128;
  if (reshaping::reshape(*model, request)) fuzz::expect_usable(*model);
  return 0;
}
