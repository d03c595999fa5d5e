// CUMSUM: each element is the sum of those up to it (before it, with `exclusive`) along the dimension that input 1
// names, counted from the end with `reverse`.

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kAxis = 1;

struct Cumsum {  // the schema's CumsumOptions
  bool exclusive = false, reverse = false;
  template <class V>
  void visit(V&& v) {
    v("exclusive", exclusive);
    v("reverse", reverse);
  }
};

Expected<void> verify(const NodeView& n, const Cumsum&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::int32, DType::int64}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  return n.expect_dtype(kAxis, {DType::int32});
}

Expected<Shapes> infer(const NodeView& n, const Cumsum&) { return Shapes{n.shape(kInput)}; }

template <class T>
void add_up(const Evaluation& n, const Cumsum& a, int axis) {
  const Shape& in = n.shape(kInput);
  const int64_t outer = in.elements(0, axis), count = in[axis], inner = in.elements(axis + 1, in.rank());
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      T sum = 0;
      for (int64_t k = 0; k < count; ++k) {
        const int64_t at = (o * count + (a.reverse ? count - 1 - k : k)) * inner + i;
        const T before = sum;
        sum += n.data<T>(kInput)[at];
        n.out<T>(0)[at] = a.exclusive ? before : sum;
      }
    }
  }
}

Expected<void> reference(const Evaluation& n, const Cumsum& a) {
  ML_ASSIGN(const int64_t value, n.int_scalar(kAxis));
  ML_ASSIGN(const int axis, axis_of(n, value, n.shape(kInput).rank()));
  switch (n.dtype(kInput)) {
    case DType::float32:
      add_up<float>(n, a, axis);
      break;
    case DType::int32:
      add_up<int32_t>(n, a, axis);
      break;
    default:
      add_up<int64_t>(n, a, axis);
  }
  return {};
}

}  // namespace

extern const OpDef cumsum;
const OpDef cumsum = define<Cumsum>(
    {.code = OpCode::CUMSUM, .options = "CumsumOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
