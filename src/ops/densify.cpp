// DENSIFY: a sparse constant with its zeros. The file lists a level for each dimension, and one more for each that is
// cut into blocks; a level is dense, or names the positions that hold something.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ops/limits.h"
#include "ops/op.h"
#include "ops/sparse.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::float16, DType::int8}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  if (!n.input(kInput).is_constant() || n.input(kInput).sparsity == nullptr) {
    return Unexpected(n.fail_input(kInput, "no sparse constant", "one"));
  }
  return check_sparsity(n, kInput);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{n.shape(kInput)}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const int64_t bytes = size_bytes(n.dtype(kInput));
  std::memset(n.out<std::byte>(0), 0, static_cast<size_t>(n.output_shape(0).elements() * bytes));
  const std::byte* packed = n.data<std::byte>(kInput);
  for_each_stored(n, kInput, [&](int64_t element, int64_t stored) {
    std::memcpy(n.out<std::byte>(0) + element * bytes, packed + stored * bytes, static_cast<size_t>(bytes));
  });
  return {};
}

}  // namespace

extern const OpDef densify;
const OpDef densify = define<NoAttributes>(
    {.code = OpCode::DENSIFY, .options = "DensifyOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
