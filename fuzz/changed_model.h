#pragma once
// What holds of every model that a verb has changed.

#include <cstdio>
#include <cstdlib>

#include "ops/infer_shapes.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite::fuzz {

// It is written, read again, and all of its shapes can be inferred.
inline void expect_usable(const Model& model) {
  const auto written = tflite::write(model);
  if (!written) return;  // options that the schema does not know: the file had them
  const auto again = tflite::read(Buffer::copy_of(*written), "changed");
  if (!again) {
    std::fprintf(stderr, "%s\n", to_string(again.error()).c_str());
    std::abort();
  }
  if (const auto inferred = ops::infer_shapes(*again).result(); !inferred) {
    std::fprintf(stderr, "%s\n", to_string(inferred.error()).c_str());
    std::abort();
  }
}

}  // namespace monolite::fuzz
