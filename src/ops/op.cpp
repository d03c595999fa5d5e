#include "ops/op.h"

namespace monolite::ops {

#define OP(name) extern const OpDef name;
#include "ops/all.inc"
#undef OP

std::span<const OpDef* const> all_ops() {
  static const OpDef* const all[] = {
#define OP(name) &name,
#include "ops/all.inc"
#undef OP
  };
  return all;
}

const OpDef* find_op(const Node& node) {
  for (const OpDef* op : all_ops()) {
    if (op->code == node.op && (node.op != OpCode::CUSTOM || op->custom_code == node.custom_code)) return op;
  }
  return nullptr;
}

}  // namespace monolite::ops
