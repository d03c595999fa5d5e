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
      {"Cos", {OpCode::COS, "CosOptions"}},
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
      {"Sign", {OpCode::SIGN, "SignOptions"}},
      {"Sin", {OpCode::SIN, ""}},
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
      {"Atan2", {OpCode::ATAN2, ""}},
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

// Two summands are an ADD, which targets take; one is nothing.
Outputs lower_add_n(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1, 4096));
  if (in.size() == 1) return in;
  const bool is_pair = in.size() == 2;
  return emit_as(l, n, in, is_pair ? Counterpart{OpCode::ADD, "AddOptions"} : Counterpart{OpCode::ADD_N, "AddNOptions"},
                 l.tensor(in[0]).dtype);
}

Outputs lower_clip(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  const DType dtype = l.tensor(in[0]).dtype;
  ML_ASSIGN(const TensorId raised,
            l.emit(n.name + "/raised", OpCode::MAXIMUM, {in[0], in[1]}, dtype, "MaximumMinimumOptions"));
  return one(l.emit(n.name, OpCode::MINIMUM, {raised, in[2]}, dtype, "MaximumMinimumOptions"));
}

// Ops that the IR has no counterpart of, by those that it has.
Outputs lower_composed(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  const TensorId x = in[0];
  if (l.tensor(x).dtype != DType::float32) return Unexpected(node_error(n, "another type than float32", "float32"));
  int parts = 0;
  const auto part = [&](OpCode op, std::vector<TensorId> of, const char* table, bool is_last = false) {
    const std::string name = is_last ? n.name : n.name + "/" + std::to_string(parts++);
    return l.emit(name, op, std::move(of), DType::float32, table);
  };
  const auto number = [&](float v) {
    return l.add_constant<float>(n.name + "/constant" + std::to_string(parts++), Shape(), {v});
  };
  if (n.op == "Reciprocal" || n.op == "Inv") return one(part(OpCode::DIV, {number(1), x}, "DivOptions", true));
  if (n.op == "Log1p") {
    ML_ASSIGN(const TensorId sum, part(OpCode::ADD, {x, number(1)}, "AddOptions"));
    return one(part(OpCode::LOG, {sum}, "", true));
  }
  if (n.op == "Expm1") {
    ML_ASSIGN(const TensorId power, part(OpCode::EXP, {x}, "ExpOptions"));
    return one(part(OpCode::SUB, {power, number(1)}, "SubOptions", true));
  }
  if (n.op == "Softsign") {
    ML_ASSIGN(const TensorId size, part(OpCode::ABS, {x}, "AbsOptions"));
    ML_ASSIGN(const TensorId sum, part(OpCode::ADD, {size, number(1)}, "AddOptions"));
    return one(part(OpCode::DIV, {x, sum}, "DivOptions", true));
  }
  if (n.op == "Softplus") {  // max(x, 0) + log(1 + exp(-|x|)), which no x overflows
    ML_ASSIGN(const TensorId size, part(OpCode::ABS, {x}, "AbsOptions"));
    ML_ASSIGN(const TensorId negative, part(OpCode::NEG, {size}, "NegOptions"));
    ML_ASSIGN(const TensorId power, part(OpCode::EXP, {negative}, "ExpOptions"));
    ML_ASSIGN(const TensorId sum, part(OpCode::ADD, {power, number(1)}, "AddOptions"));
    ML_ASSIGN(const TensorId log, part(OpCode::LOG, {sum}, ""));
    ML_ASSIGN(const TensorId positive, part(OpCode::RELU, {x}, ""));
    return one(part(OpCode::ADD, {positive, log}, "AddOptions", true));
  }
  // Selu: scale * (max(x, 0) + alpha * (exp(min(x, 0)) - 1)), with the constants of the paper that it is from.
  constexpr float kScale = 1.0507009873554805f, kAlphaScale = 1.7580993408473766f;
  ML_ASSIGN(const TensorId low, part(OpCode::MINIMUM, {x, number(0)}, "MaximumMinimumOptions"));
  ML_ASSIGN(const TensorId power, part(OpCode::EXP, {low}, "ExpOptions"));
  ML_ASSIGN(const TensorId below, part(OpCode::SUB, {power, number(1)}, "SubOptions"));
  ML_ASSIGN(const TensorId curve, part(OpCode::MUL, {below, number(kAlphaScale)}, "MulOptions"));
  ML_ASSIGN(const TensorId positive, part(OpCode::RELU, {x}, ""));
  ML_ASSIGN(const TensorId line, part(OpCode::MUL, {positive, number(kScale)}, "MulOptions"));
  return one(part(OpCode::ADD, {line, curve}, "AddOptions", true));
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

// A quotient or product that is 0 where its second input is, whatever the first one is.
Outputs lower_no_nan(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  if (l.tensor(in[0]).dtype != DType::float32) return Unexpected(node_error(n, "another type than float32", "float32"));
  const bool divides = n.op == "DivNoNan";
  const TensorId zero = l.add_constant<float>(n.name + "/zero", Shape(), {0});
  ML_ASSIGN(const TensorId is_zero,
            l.emit(n.name + "/is_zero", OpCode::EQUAL, {in[1], zero}, DType::boolean, "EqualOptions"));
  ML_ASSIGN(const TensorId result, l.emit(n.name + "/result", divides ? OpCode::DIV : OpCode::MUL, in, DType::float32,
                                          divides ? "DivOptions" : "MulOptions"));
  return one(l.emit(n.name, OpCode::SELECT_V2, {is_zero, zero, result}, DType::float32, "SelectV2Options"));
}

Outputs lower_select(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  const bool second = n.op == "SelectV2";
  return one(l.emit(n.name, second ? OpCode::SELECT_V2 : OpCode::SELECT, in, l.tensor(in[1]).dtype,
                    second ? "SelectV2Options" : "SelectOptions"));
}

}  // namespace monolite::conversion
