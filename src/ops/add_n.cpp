#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 1 << 16));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(0, {DType::float32, DType::int32}));
  ML_TRY(n.expect_same_dtype(0, 0));
  for (int i = 1; i < n.input_count(); ++i) {
    if (!n.has_input(i)) return Unexpected(n.fail("an input that is left out", "a tensor"));
    ML_TRY(n.expect_dtype(i, {n.dtype(0)}));
    if (n.shape(i) != n.shape(0)) {
      return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)), to_string(n.shape(0)) + ", that of input 0"));
    }
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

template <class T>
void sum(const Evaluation& n) {
  map_unary<T, T>(n, [](T x) { return x; });
  T* out = n.out<T>(0);
  const int64_t elements = n.shape(0).elements();
  for (int k = 1; k < n.input_count(); ++k) {
    const T* in = n.data<T>(k);
    for (int64_t i = 0; i < elements; ++i) out[i] += in[i];
  }
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  n.dtype(0) == DType::float32 ? sum<float>(n) : sum<int32_t>(n);
  return {};
}

}  // namespace

extern const OpDef add_n;
const OpDef add_n = define<NoAttributes>(
    {.code = OpCode::ADD_N, .options = "AddNOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
