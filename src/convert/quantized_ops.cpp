#include "convert/quantized_ops.h"

namespace monolite::conversion {

bool has_filter(OpCode op) {
  return op == OpCode::CONV_2D || op == OpCode::DEPTHWISE_CONV_2D || op == OpCode::FULLY_CONNECTED ||
         op == OpCode::TRANSPOSE_CONV;
}

size_t bias_input(OpCode op) { return op == OpCode::TRANSPOSE_CONV ? 3 : 2; }

size_t data_input(OpCode op) { return op == OpCode::SPLIT ? 1 : op == OpCode::TRANSPOSE_CONV ? 2 : 0; }

bool moves_all(OpCode op) {
  switch (op) {
    case OpCode::RESHAPE:
    case OpCode::SQUEEZE:
    case OpCode::EXPAND_DIMS:
    case OpCode::TRANSPOSE:
    case OpCode::SPACE_TO_BATCH_ND:
    case OpCode::DEPTH_TO_SPACE:
    case OpCode::SPACE_TO_DEPTH:
    case OpCode::TILE:
    case OpCode::REVERSE_V2:
    case OpCode::PAD:
    case OpCode::MIRROR_PAD:
    case OpCode::BROADCAST_TO:
      return true;
    default:
      return false;
  }
}

bool keeps_range(OpCode op) {
  return op == OpCode::MEAN || op == OpCode::RELU || op == OpCode::RELU6 || keeps_values(op);
}

bool keeps_values(OpCode op) {
  switch (op) {
    case OpCode::AVERAGE_POOL_2D:
    case OpCode::MAX_POOL_2D:
    case OpCode::RESIZE_BILINEAR:
    case OpCode::RESIZE_NEAREST_NEIGHBOR:
    case OpCode::SPLIT:
    case OpCode::SPLIT_V:
    case OpCode::UNPACK:
    case OpCode::SLICE:
    case OpCode::STRIDED_SLICE:
    case OpCode::GATHER:
    case OpCode::GATHER_ND:
    case OpCode::BATCH_TO_SPACE_ND:
    case OpCode::PADV2:
    case OpCode::REDUCE_MAX:
    case OpCode::REDUCE_MIN:
    case OpCode::TOPK_V2:
      return true;
    default:
      return moves_all(op);
  }
}

bool joins_values(OpCode op) { return op == OpCode::MAXIMUM || op == OpCode::MINIMUM || op == OpCode::PACK; }

std::optional<TrainedRange> own_range(OpCode op) {
  switch (op) {
    case OpCode::LOGISTIC:
    case OpCode::SOFTMAX:
      return TrainedRange{0, 255.0 / 256};
    case OpCode::TANH:
    case OpCode::L2_NORMALIZATION:
      return TrainedRange{-1, 127.0 / 128};
    case OpCode::LOG_SOFTMAX:
      return TrainedRange{-16.0 * 255 / 256, 0};
    default:
      return {};
  }
}

std::optional<ScaleAndZero> fixed_params(OpCode op, QuantizedType type) {
  switch (op) {
    case OpCode::LOGISTIC:
    case OpCode::SOFTMAX:
      return ScaleAndZero{1.0 / 256, type.least};
    case OpCode::TANH:
    case OpCode::L2_NORMALIZATION:
      return ScaleAndZero{1.0 / 128, type.least + 128};
    case OpCode::LOG_SOFTMAX:
      return ScaleAndZero{16.0 / 256, type.most};
    default:
      return {};
  }
}

std::optional<TrainedRange> activation_range(const Node& node) {
  constexpr int64_t kReluN1To1 = 2, kRelu6 = 3;  // of the schema's ActivationFunctionType
  const AttributeValue* v = node.attributes.find("fused_activation_function");
  const int64_t fused = v == nullptr ? 0 : std::get<int64_t>(*v);
  if (fused == kRelu6 || node.op == OpCode::RELU6) return TrainedRange{0, 6};
  if (fused == kReluN1To1 || node.op == OpCode::RELU_N1_TO_1) return TrainedRange{-1, 1};
  return {};
}

}  // namespace monolite::conversion
