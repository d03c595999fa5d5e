// Any bytes as a model, with other ends and other types at its border: an error, or a model that can be used.
#include "changed_model.h"
#include "compare/structure.h"
#include "editing/border.h"
#include "editing/cut.h"
#include "editing/detection.h"
#include "model_mutator.h"
#include "small_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  if (size == 0) return 0;
  const auto model = tflite::read(fuzz::buffer_of(data, size), "fuzz");
  if (!model || !fuzz::is_small(*model)) return 0;
  const auto change = [&](const auto& edit) {
    Model changed = *model;
    if (!edit(changed)) return;
    fuzz::expect_usable(changed);
    (void)compare::compare_structure(*model, changed);
  };
  for (const DType type : {DType::float32, DType::uint8, DType::int8}) {
    change([&](Model& m) { return editing::set_border_type(m, type).has_value(); });
  }
  change([](Model& m) { return editing::strip_quantize(m) > 0; });
  change([](Model& m) { return editing::detach_detection(m).has_value(); });
  change([](Model& m) { return editing::attach_detection(m, editing::plain_detection_tail()).has_value(); });
  const auto tensors = static_cast<TensorId>(model->main().tensors.size());
  if (tensors == 0) return 0;
  const TensorId end = data[size - 1] % tensors;
  change([&](Model& m) { return editing::cut(m, {end}, {}).has_value(); });
  change([&](Model& m) { return editing::cut(m, {}, {end}).has_value(); });
  return 0;
}
