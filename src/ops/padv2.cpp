// PADV2: see ops/pad_constant.h.

#include "ops/pad_constant.h"

namespace monolite::ops {

extern const OpDef padv2;
const OpDef padv2 = define<NoAttributes>({.code = OpCode::PADV2,
                                          .options = "PadV2Options",
                                          .verify = verify_pad_constant,
                                          .infer = infer_pad_constant,
                                          .copies = pad_constant_copies});

}  // namespace monolite::ops
