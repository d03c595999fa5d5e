#pragma once
// The verbs. Each is one function in a file of its own, cli/<verb>.cpp, over one call of the library.

#include "args.h"

namespace monolite::cli {

#define VERB(name, summary) int name(Args& args);
#include "verbs.inc"
#undef VERB

}  // namespace monolite::cli
