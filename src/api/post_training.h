#pragma once
// A float model to integers, with what is to be told of it.

#include <string>

#include "base/expected.h"
#include "ir/dtype.h"
#include "ir/graph.h"
#include "monolite/post_training.h"
#include "quantize/op_rules.h"

namespace monolite {

// "int8", "uint8" or "int16x8".
//
// Errors: another word.
Expected<quantize::IntegerType> integer_type(const std::string& name);

struct IntegerModel {
  quantize::IntegerType type = quantize::IntegerType::int8;
  DType input = DType::int8, output = DType::int8;  // of inputs and outputs that were float32
};

// Calibrates, converts, measures. The result has no unused tensors.
//
//   model  its nodes compute in float32; constants may be stored smaller
//
// Errors: those of open_samples, calibrate and to_integer; a name to keep that no node has; options out of range.
Expected<Model> to_integers(Model model, const IntegerModel& wanted, const CalibrationOptions& options,
                            PostTrainingReport& report);

// What a model that was made of a float one gives on the samples, into report.outputs. Does nothing without a folder.
Expected<void> measure_outputs(const Model& before, const Model& after, const CalibrationOptions& options,
                               PostTrainingReport& report);

}  // namespace monolite
