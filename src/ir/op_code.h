#pragma once
// Which operator a node is: the numbers of a .tflite file's BuiltinOperator.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace monolite {

enum class OpCode : int32_t {
#define CODE(name, number) name = number,
#include "ir/op_codes.inc"
#undef CODE
};

// "CONV_2D"; "OPERATOR_250" for a number that this program does not know.
std::string name(OpCode code);
std::optional<OpCode> op_code_from_name(std::string_view name);
bool is_known(OpCode code);

}  // namespace monolite
