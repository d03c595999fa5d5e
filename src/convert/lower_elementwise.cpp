// Ops that work element by element, with broadcasting.

#include <map>
#include <string_view>

#include "convert/lowerings.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

struct Counterpart {
  OpCode op;
  const char* table;
};

Outputs emit_as(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in, const Counterpart& c, DType dtype) {
  return one(l.emit(n.name, c.op, in, dtype, c.table));
}

}  // namespace

Outputs lower_unary(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  static const std::map<std::string_view, Counterpart> table = {
      {"Abs", {OpCode::ABS, "AbsOptions"}},
      {"Ceil", {OpCode::CEIL, ""}},
      {"Elu", {OpCode::ELU, ""}},
      {"Exp", {OpCode::EXP, "ExpOptions"}},
      {"Floor", {OpCode::FLOOR, ""}},
      {"Log", {OpCode::LOG, ""}},
      {"LogSoftmax", {OpCode::LOG_SOFTMAX, "LogSoftmaxOptions"}},
      {"LogicalNot", {OpCode::LOGICAL_NOT, "LogicalNotOptions"}},
      {"Neg", {OpCode::NEG, "NegOptions"}},
      {"Relu", {OpCode::RELU, ""}},
      {"Relu6", {OpCode::RELU6, ""}},
      {"Round", {OpCode::ROUND, ""}},
      {"Rsqrt", {OpCode::RSQRT, ""}},
      {"Sigmoid", {OpCode::LOGISTIC, ""}},
      {"Sqrt", {OpCode::SQRT, ""}},
      {"Square", {OpCode::SQUARE, "SquareOptions"}},
      {"Tanh", {OpCode::TANH, ""}}};
  ML_TRY(expect_inputs(n, in, 1));
  return emit_as(l, n, in, table.at(n.op), l.tensor(in[0]).dtype);
}

Outputs lower_binary(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  static const std::map<std::string_view, Counterpart> table = {
      {"Add", {OpCode::ADD, "AddOptions"}},
      {"AddV2", {OpCode::ADD, "AddOptions"}},
      {"BiasAdd", {OpCode::ADD, "AddOptions"}},
      {"Sub", {OpCode::SUB, "SubOptions"}},
      {"Mul", {OpCode::MUL, "MulOptions"}},
      {"Div", {OpCode::DIV, "DivOptions"}},
      {"RealDiv", {OpCode::DIV, "DivOptions"}},
      {"Maximum", {OpCode::MAXIMUM, "MaximumMinimumOptions"}},
      {"Minimum", {OpCode::MINIMUM, "MaximumMinimumOptions"}},
      {"Pow", {OpCode::POW, "PowOptions"}},
      {"FloorDiv", {OpCode::FLOOR_DIV, "FloorDivOptions"}},
      {"FloorMod", {OpCode::FLOOR_MOD, "FloorModOptions"}},
      {"SquaredDifference", {OpCode::SQUARED_DIFFERENCE, "SquaredDifferenceOptions"}}};
  ML_TRY(expect_inputs(n, in, 2));
  if (n.op == "BiasAdd") ML_TRY(expect_nhwc(n));
  return emit_as(l, n, in, table.at(n.op), l.tensor(in[0]).dtype);
}

Outputs lower_comparison(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  static const std::map<std::string_view, Counterpart> table = {
      {"Equal", {OpCode::EQUAL, "EqualOptions"}},
      {"NotEqual", {OpCode::NOT_EQUAL, "NotEqualOptions"}},
      {"Greater", {OpCode::GREATER, "GreaterOptions"}},
      {"GreaterEqual", {OpCode::GREATER_EQUAL, "GreaterEqualOptions"}},
      {"Less", {OpCode::LESS, "LessOptions"}},
      {"LessEqual", {OpCode::LESS_EQUAL, "LessEqualOptions"}},
      {"LogicalAnd", {OpCode::LOGICAL_AND, "LogicalAndOptions"}},
      {"LogicalOr", {OpCode::LOGICAL_OR, "LogicalOrOptions"}}};
  ML_TRY(expect_inputs(n, in, 2));
  return emit_as(l, n, in, table.at(n.op), DType::boolean);
}

Outputs lower_leaky_relu(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  return one(l.emit(n.name, OpCode::LEAKY_RELU, in, l.tensor(in[0]).dtype, "LeakyReluOptions",
                    {{"alpha", double{n.attr_or("alpha", 0.2f)}}}));
}

Outputs lower_softmax(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  return one(l.emit(n.name, OpCode::SOFTMAX, in, l.tensor(in[0]).dtype, "SoftmaxOptions", {{"beta", 1.0}}));
}

Outputs lower_select(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  const bool second = n.op == "SelectV2";
  return one(l.emit(n.name, second ? OpCode::SELECT_V2 : OpCode::SELECT, in, l.tensor(in[1]).dtype,
                    second ? "SelectV2Options" : "SelectOptions"));
}

}  // namespace monolite::conversion
