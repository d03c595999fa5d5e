// MIRROR_PAD: the input with its edges mirrored outwards; REFLECT leaves the edge itself out, SYMMETRIC repeats it.

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/padding.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

enum class MirrorMode : int8_t { reflect = 0, symmetric = 1 };

struct MirrorPad {  // the schema's MirrorPadOptions
  MirrorMode mode = MirrorMode::reflect;
  template <class V>
  void visit(V&& v) {
    v("mode", mode);
  }
};

Expected<void> verify(const NodeView& n, const MirrorPad& a) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(verify_padding(n));
  ML_TRY(expect_same_mapping(n, 0, 0));
  if (a.mode == MirrorMode::reflect || a.mode == MirrorMode::symmetric) return {};
  return Unexpected(n.fail(fmt::format("mode {}", static_cast<int>(a.mode)), "REFLECT or SYMMETRIC"));
}

int64_t edge(const MirrorPad& a) { return a.mode == MirrorMode::reflect ? 1 : 0; }

Expected<Shapes> infer(const NodeView& n, const MirrorPad& a) {
  ML_ASSIGN(const auto amounts, pad_amounts(n));
  for (int i = 0; i < n.shape(0).rank(); ++i) {
    const PadAmount& amount = amounts[static_cast<size_t>(i)];
    const int64_t most = n.shape(0)[i] - edge(a);
    if (amount.before > most || amount.after > most) {
      return Unexpected(n.fail_input(1, fmt::format("{} and {} for dimension {}", amount.before, amount.after, i),
                                     fmt::format("at most {}: there is no more to mirror", most)));
    }
  }
  return infer_padding(n);
}

// Puts the input into the middle, then mirrors one dimension after the other: the later ones mirror whole slices, with
// what the earlier ones have added.
Expected<void> reference(const Evaluation& n, const MirrorPad& a) {
  ML_ASSIGN(const auto amounts, pad_amounts(n));
  const Shape& in = n.shape(0);
  const int size = size_bytes(n.dtype(0));
  auto* out = n.out<std::byte>(0);
  View done = View::dense(n.output_shape(0));
  for (int i = 0; i < in.rank(); ++i) done = done.take(i, amounts[static_cast<size_t>(i)].before, in[i]);
  copy_view(n.data<std::byte>(0), View::dense(in), out, done, size);
  for (int i = 0; i < in.rank(); ++i) {
    const auto [before, after] = amounts[static_cast<size_t>(i)];
    const int64_t last = in[i] - 1;
    copy_view(out, done.take(i, before - 1 + edge(a), before, -1), out, done.take(i, -before, before), size);
    copy_view(out, done.take(i, last - edge(a), after, -1), out, done.take(i, last + 1, after), size);
    done = done.take(i, -before, before + in[i] + after);
  }
  return {};
}

}  // namespace

extern const OpDef mirror_pad;
const OpDef mirror_pad = define<MirrorPad>({.code = OpCode::MIRROR_PAD,
                                            .options = "MirrorPadOptions",
                                            .verify = verify,
                                            .infer = infer,
                                            .reference = reference});

}  // namespace monolite::ops
