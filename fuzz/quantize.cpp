// Any bytes as a model, quantized in every way that there is: an error, or a model that can be used.
#include "changed_model.h"
#include "legalize/verify.h"
#include "model_mutator.h"
#include "quantize/calibrate.h"
#include "quantize/float_constants.h"
#include "quantize/quantize_weights.h"
#include "quantize/to_int8.h"
#include "quantize/to_integer.h"
#include "small_model.h"

namespace {

using namespace monolite;

void from_uint8(const Model& model) {
  for (const auto wide : {quantize::WideWeights::requantize, quantize::WideWeights::repeat_inputs}) {
    for (const bool keep_io : {false, true}) {
      Model changed = model;
      const bool matches = wide == quantize::WideWeights::repeat_inputs;
      if (quantize::to_int8(changed, {keep_io, wide, matches})) fuzz::expect_usable(changed);
    }
  }
}

void from_float(Model model) {
  quantize::float_constants(model);
  Model smaller = model;
  if (quantize::quantize_filters(smaller.main()) > 0) fuzz::expect_usable(smaller);
  smaller = model;
  if (quantize::halve_constants(smaller.main()) > 0) fuzz::expect_usable(smaller);
  const auto inputs = legalize::generate_inputs(model, 1);
  if (!inputs) return;
  const quantize::Samples samples{1, [&](size_t) -> Expected<std::vector<ops::Value>> { return *inputs; }};
  const auto calibrated = quantize::calibrate(model, samples, {.num_threads = 1});
  if (!calibrated) return;
  using quantize::IntegerType;
  for (const auto type : {IntegerType::int8, IntegerType::uint8, IntegerType::int16x8}) {
    const DType io = quantize::activation_type(type);
    const auto made = quantize::to_integer(model, calibrated->ranges, {type, io, DType::float32});
    if (made) fuzz::expect_usable(made->model);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto model = tflite::read(fuzz::buffer_of(data, size), "fuzz");
  if (!model || !fuzz::is_small(*model)) return 0;
  from_uint8(*model);
  from_float(*model);
  return 0;
}
