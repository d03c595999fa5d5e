#pragma once
// The types that a model takes and gives: QUANTIZE and DEQUANTIZE at its border.

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::editing {

// Takes QUANTIZE nodes behind inputs and DEQUANTIZE and QUANTIZE nodes before outputs away: what they wrote or read
// becomes the end. Ends keep their names. Returns how many went.
int strip_quantize(Model& model);

// Gives inputs and outputs of real numbers the type float32, uint8 or int8; changes nothing on an error. Ends keep
// their names; labels and counts (int32, int64) stay.
//
// Errors: an end that holds floats all the way in: there is no scale to take.
Expected<void> set_border_type(Model& model, DType wanted);

}  // namespace monolite::editing
