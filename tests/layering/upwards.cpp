// ir may not see ops: this file must not compile.
#include "ops/op.h"
