// LiteRT's compiler plugin for Intel's OpenVINO (ai-edge-litert 2.3.0 with openvino 2026.3.1, device CPU). It judges by
// the kind of operator alone, whatever the types and options, and cuts at every refused node in the file's order.

#include <algorithm>
#include <iterator>

#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

using enum OpCode;

// What the plugin answered for each kind of operator: tests/models/ask_openvino.py.
constexpr OpCode kTaken[] = {ABS,
                             ADD,
                             ARG_MAX,
                             AVERAGE_POOL_2D,
                             BATCH_MATMUL,
                             BROADCAST_TO,
                             CAST,
                             CONCATENATION,
                             CONV_2D,
                             CONV_3D,
                             COS,
                             CUMSUM,
                             DEPTHWISE_CONV_2D,
                             DEPTH_TO_SPACE,
                             DEQUANTIZE,
                             DIV,
                             EMBEDDING_LOOKUP,
                             EQUAL,
                             EXP,
                             EXPAND_DIMS,
                             FLOOR_DIV,
                             FLOOR_MOD,
                             FULLY_CONNECTED,
                             GATHER,
                             GATHER_ND,
                             GELU,
                             GREATER,
                             GREATER_EQUAL,
                             HARD_SWISH,
                             L2_NORMALIZATION,
                             LEAKY_RELU,
                             LESS,
                             LESS_EQUAL,
                             LOG,
                             LOGICAL_AND,
                             LOGICAL_NOT,
                             LOGICAL_OR,
                             LOGISTIC,
                             MAXIMUM,
                             MAX_POOL_2D,
                             MEAN,
                             MINIMUM,
                             MIRROR_PAD,
                             MUL,
                             NOT_EQUAL,
                             ONE_HOT,
                             PACK,
                             PAD,
                             PADV2,
                             POW,
                             PRELU,
                             QUANTIZE,
                             RANGE,
                             REDUCE_ALL,
                             REDUCE_MAX,
                             RELU,
                             RELU_0_TO_1,
                             RESHAPE,
                             RESIZE_BILINEAR,
                             RESIZE_NEAREST_NEIGHBOR,
                             REVERSE_V2,
                             RSQRT,
                             SELECT,
                             SELECT_V2,
                             SIGN,
                             SIN,
                             SLICE,
                             SOFTMAX,
                             SPLIT,
                             SQRT,
                             SQUARE,
                             SQUARED_DIFFERENCE,
                             STRIDED_SLICE,
                             SUB,
                             SUM,
                             TANH,
                             TILE,
                             TOPK_V2,
                             TRANSPOSE,
                             TRANSPOSE_CONV,
                             UNPACK};

std::string_view cure(OpCode op) {
  switch (op) {
    case SQUEEZE:
      return "`monolite legalize` writes it as RESHAPE";
    case RELU6:
    case RELU_N1_TO_1:
      return "`monolite legalize` writes it as MAXIMUM and MINIMUM";
    case SPACE_TO_BATCH_ND:
    case BATCH_TO_SPACE_ND:
      return "`monolite legalize` folds it with its convolution into a dilated one";
    default:
      return "";
  }
}

std::vector<Refusal> judge_node(const NodeContext& n) {
  if (std::find(std::begin(kTaken), std::end(kTaken), n.op()) != std::end(kTaken)) return {};
  Judge j(n);
  j.refuse_op("LiteRT's OpenVINO plugin", cure(n.op()));
  return j.take();
}

}  // namespace

std::vector<Target> openvino_targets() {
  Target t;
  t.name = "openvino";
  t.description = "Intel's OpenVINO behind LiteRT's compiler plugin";
  t.cut = Cut::in_file_order;
  t.judge = judge_node;
  return {std::move(t)};
}

}  // namespace monolite::delegates
