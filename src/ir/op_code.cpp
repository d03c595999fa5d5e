#include "ir/op_code.h"

#include <array>
#include <utility>

namespace monolite {
namespace {

constexpr std::pair<std::string_view, OpCode> kNames[] = {
#define CODE(name, number) {#name, OpCode::name},
#include "ir/op_codes.inc"
#undef CODE
};

}  // namespace

std::string name(OpCode code) {
  for (const auto& [text, known] : kNames) {
    if (known == code) return std::string(text);
  }
  return "OPERATOR_" + std::to_string(static_cast<int32_t>(code));
}

std::optional<OpCode> op_code_from_name(std::string_view name) {
  for (const auto& [text, known] : kNames) {
    if (text == name) return known;
  }
  return std::nullopt;
}

bool is_known(OpCode code) {
  for (const auto& [text, known] : kNames) {
    if (known == code) return true;
  }
  return false;
}

}  // namespace monolite
