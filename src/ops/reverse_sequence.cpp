// REVERSE_SEQUENCE: in each slice of dimension batch_dim, the first elements of dimension seq_dim backwards: as many as
// input 1 says for the slice.

#include <fmt/format.h>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kLengths = 1;

struct ReverseSequence {  // the schema's ReverseSequenceOptions
  int32_t seq_dim = 0, batch_dim = 0;
  template <class V>
  void visit(V&& v) {
    v("seq_dim", seq_dim);
    v("batch_dim", batch_dim);
  }
};

Expected<void> verify(const NodeView& n, const ReverseSequence& a) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kLengths, {DType::int32, DType::int64}));
  const Shape& in = n.shape(kInput);
  if (a.seq_dim < 0 || a.batch_dim < 0 || a.seq_dim >= in.rank() || a.batch_dim >= in.rank() ||
      a.seq_dim == a.batch_dim) {
    return Unexpected(n.fail(fmt::format("seq_dim {}, batch_dim {}", a.seq_dim, a.batch_dim),
                             fmt::format("two of {} dimensions", in.rank())));
  }
  if (n.shape(kLengths) == Shape{in[a.batch_dim]}) return {};
  return Unexpected(
      n.fail_input(kLengths, "shape " + to_string(n.shape(kLengths)), fmt::format("{}", in[a.batch_dim])));
}

Expected<Shapes> infer(const NodeView& n, const ReverseSequence&) { return Shapes{n.shape(kInput)}; }

Expected<void> reference(const Evaluation& n, const ReverseSequence& a) {
  const Shape& in = n.shape(kInput);
  const int size = size_bytes(n.dtype(kInput));
  const auto* from = n.data<std::byte>(kInput);
  for (int32_t b = 0; b < in[a.batch_dim]; ++b) {
    ML_ASSIGN(const int64_t length, index_below(n, kLengths, b, int64_t{in[a.seq_dim]} + 1));
    const View slice = View::dense(in).take(a.batch_dim, b, 1);
    const View start = slice.take(a.seq_dim, 0, length), rest = slice.take(a.seq_dim, length, in[a.seq_dim] - length);
    copy_view(from, slice.take(a.seq_dim, length - 1, length, -1), n.out<std::byte>(0), start, size);
    copy_view(from, rest, n.out<std::byte>(0), rest, size);
  }
  return {};
}

}  // namespace

extern const OpDef reverse_sequence;
const OpDef reverse_sequence = define<ReverseSequence>({.code = OpCode::REVERSE_SEQUENCE,
                                                        .options = "ReverseSequenceOptions",
                                                        .verify = verify,
                                                        .infer = infer,
                                                        .reference = reference});

}  // namespace monolite::ops
