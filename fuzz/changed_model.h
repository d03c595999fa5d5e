#pragma once
// What holds of every model that a verb has changed.

#include "fail.h"
#include "ops/infer_shapes.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite::fuzz {

// It is written, read again, and all of its shapes can be inferred.
inline void expect_usable(const Model& model) {
  const auto written = tflite::write(model);
  if (!written) return;  // options that the schema does not know: the file had them
  const auto again = tflite::read(Buffer::copy_of(*written), "changed");
  if (!again) fail("not read again:", to_string(again.error()));
  if (const auto inferred = ops::infer_shapes(*again).result(); !inferred) {
    fail("not inferred:", to_string(inferred.error()));
  }
}

}  // namespace monolite::fuzz
