// ARG_MAX: see ops/arg_min_max.h.

#include "ops/arg_min_max.h"

namespace monolite::ops {

extern const OpDef arg_max;
const OpDef arg_max = define<ArgMinMax>({.code = OpCode::ARG_MAX,
                                         .options = "ArgMaxOptions",
                                         .verify = verify_arg_min_max,
                                         .infer = infer_arg_min_max,
                                         .reference = arg_max_reference});

}  // namespace monolite::ops
