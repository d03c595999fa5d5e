// PAD: see ops/pad_constant.h.

#include "ops/pad_constant.h"

namespace monolite::ops {

extern const OpDef pad;
const OpDef pad = define<NoAttributes>({.code = OpCode::PAD,
                                        .options = "PadOptions",
                                        .verify = verify_pad_constant,
                                        .infer = infer_pad_constant,
                                        .copies = pad_constant_copies});

}  // namespace monolite::ops
