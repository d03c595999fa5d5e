// ARG_MIN: see ops/arg_min_max.h.

#include "ops/arg_min_max.h"

namespace monolite::ops {

extern const OpDef arg_min;
const OpDef arg_min = define<ArgMinMax>({.code = OpCode::ARG_MIN,
                                         .options = "ArgMinOptions",
                                         .verify = verify_arg_min_max,
                                         .infer = infer_arg_min_max,
                                         .reference = arg_min_reference});

}  // namespace monolite::ops
