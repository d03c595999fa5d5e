#include "quantize/op_rules.h"

#include <algorithm>
#include <array>

namespace monolite::quantize {
namespace {

constexpr unsigned kInt8 = 1, kUint8 = 2, kInt16 = 4;
constexpr unsigned kBytes = kInt8 | kUint8, kAll = kBytes | kInt16;

struct Line {
  OpCode op;
  unsigned types;
  OpRule rule;
  int int8_version = 2, int16_version = 3;  // the operator's, no higher than LiteRT's reference resolver knows
};

constexpr OpRule own{Role::own}, same{Role::same}, same_all{Role::same_all}, fixed{Role::fixed}, reads{Role::reads},
    filter{Role::filter};

constexpr auto kLines = std::to_array<Line>({
    {OpCode::CONV_2D, kAll, filter, 3, 6},
    {OpCode::DEPTHWISE_CONV_2D, kAll, filter, 3, 5},
    {OpCode::FULLY_CONNECTED, kAll, filter, 4, 8},
    {OpCode::TRANSPOSE_CONV, kAll, {.role = Role::filter, .data = 2, .filter = 1, .bias = 3}, 3, 4},

    {OpCode::ABS, kInt8 | kInt16, own},
    {OpCode::ADD, kAll, own},
    {OpCode::BATCH_MATMUL, kInt8 | kInt16, own},
    {OpCode::DIV, kBytes, own, 1, 1},
    {OpCode::ELU, kInt8, own, 1, 1},
    {OpCode::EXP, kInt8 | kInt16, own, 2, 2},
    {OpCode::GELU, kBytes, own, 1, 1},
    {OpCode::HARD_SWISH, kBytes, own, 1, 1},
    {OpCode::LEAKY_RELU, kAll, own, 1, 2},
    {OpCode::MEAN, kAll, own},
    {OpCode::MUL, kAll, own, 2, 4},
    {OpCode::PRELU, kBytes, own, 1, 1},
    {OpCode::RELU, kAll, own},
    {OpCode::RELU6, kAll, own},
    {OpCode::RELU_0_TO_1, kBytes, own, 1, 1},
    {OpCode::RELU_N1_TO_1, kBytes, own, 1, 1},
    {OpCode::RSQRT, kInt8, own},
    {OpCode::SQUARED_DIFFERENCE, kInt8, own},
    {OpCode::SUB, kAll, own, 2, 5},
    {OpCode::SUM, kUint8, own, 1, 1},  // LiteRT's reference kernel does not rescale other types

    {OpCode::AVERAGE_POOL_2D, kAll, same},
    {OpCode::BATCH_TO_SPACE_ND, kAll, same, 2, 4},
    {OpCode::DEPTH_TO_SPACE, kBytes, same, 1, 1},
    {OpCode::EXPAND_DIMS, kAll, same, 1, 1},
    {OpCode::GATHER, kAll, same, 2, 4},
    {OpCode::MAX_POOL_2D, kAll, same},
    {OpCode::MIRROR_PAD, kAll, same},
    {OpCode::PAD, kAll, same},
    {OpCode::REDUCE_MAX, kAll, same},
    {OpCode::REDUCE_MIN, kAll, same},
    {OpCode::RESHAPE, kAll, same, 1, 1},
    {OpCode::RESIZE_BILINEAR, kAll, same, 2, 4},
    {OpCode::RESIZE_NEAREST_NEIGHBOR, kAll, same, 2, 4},
    {OpCode::REVERSE_V2, kAll, same, 3, 3},
    {OpCode::SLICE, kAll, same, 2, 4},
    {OpCode::SPACE_TO_BATCH_ND, kAll, same, 2, 4},
    {OpCode::SPACE_TO_DEPTH, kBytes, same},
    {OpCode::SPLIT, kAll, {.role = Role::same, .data = 1}, 2, 4},
    {OpCode::SPLIT_V, kAll, same, 2, 2},
    {OpCode::SQUEEZE, kAll, same, 1, 1},
    {OpCode::STRIDED_SLICE, kAll, same, 2, 4},
    {OpCode::TILE, kAll, same, 2, 2},
    {OpCode::TRANSPOSE, kAll, same, 2, 5},
    {OpCode::UNPACK, kAll, same, 2, 4},

    {OpCode::CONCATENATION, kAll, same_all},
    {OpCode::MAXIMUM, kAll, same_all, 2, 4},
    {OpCode::MINIMUM, kAll, same_all, 2, 4},
    {OpCode::PACK, kAll, same_all},
    {OpCode::PADV2, kAll, same_all},
    {OpCode::SELECT, kAll, {.role = Role::same_all, .data = 1}},
    {OpCode::SELECT_V2, kAll, {.role = Role::same_all, .data = 1}, 1, 1},

    {OpCode::L2_NORMALIZATION, kBytes, fixed},
    {OpCode::LOGISTIC, kAll, fixed},
    {OpCode::LOG_SOFTMAX, kBytes, fixed},
    {OpCode::SOFTMAX, kAll, fixed},
    {OpCode::TANH, kAll, fixed},

    {OpCode::ARG_MAX, kBytes, reads},
    {OpCode::ARG_MIN, kBytes, reads},
    {OpCode::RANK, kAll, reads, 1, 1},
    {OpCode::SHAPE, kAll, reads, 1, 1},
});

unsigned bit(IntegerType type) {
  return type == IntegerType::int8 ? kInt8 : type == IntegerType::uint8 ? kUint8 : kInt16;
}

}  // namespace

DType activation_type(IntegerType type) {
  return type == IntegerType::int8 ? DType::int8 : type == IntegerType::uint8 ? DType::uint8 : DType::int16;
}

OpRule op_rule(OpCode op, IntegerType type) {
  const auto line = std::find_if(kLines.begin(), kLines.end(), [&](const Line& l) { return l.op == op; });
  return line != kLines.end() && (line->types & bit(type)) != 0 ? line->rule : OpRule{};
}

int integer_version(OpCode op, IntegerType type) {
  const auto line = std::find_if(kLines.begin(), kLines.end(), [&](const Line& l) { return l.op == op; });
  if (line == kLines.end() || type == IntegerType::uint8) return 1;
  return type == IntegerType::int8 ? line->int8_version : line->int16_version;
}

std::optional<Quantization> fixed_output(OpCode op, IntegerType type) {
  if (op_rule(op, type).role != Role::fixed) return {};
  if (type == IntegerType::int16x8) return per_tensor(1.0f / 32768, 0);
  const int64_t least = type == IntegerType::int8 ? -128 : 0;
  switch (op) {
    case OpCode::LOGISTIC:
    case OpCode::SOFTMAX:
      return per_tensor(1.0f / 256, least);
    case OpCode::LOG_SOFTMAX:
      return per_tensor(16.0f / 256, least + 255);
    default:  // -1..1: TANH, L2_NORMALIZATION
      return per_tensor(1.0f / 128, least + 128);
  }
}

}  // namespace monolite::quantize
