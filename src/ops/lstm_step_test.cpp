#include "ops/lstm_step.h"

#include <cmath>

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

// One cell: every input weight is 1, every recurrent weight and bias 0.
struct OneStep : OneGraph {
  explicit OneStep(LstmStep a) {
    const auto x = builder.input("x", DType::float32, {1, 1});
    const auto one = builder.constant<float>("one", {1, 1}, {1}), zero = builder.constant<float>("zero", {1, 1}, {0});
    const auto bias = builder.constant<float>("bias", {1}, {0});
    const auto output_state = builder.tensor("output_state", DType::float32, {1, 1});
    const auto cell_state = builder.tensor("cell_state", DType::float32, {1, 1});
    for (const TensorId id : {output_state, cell_state}) model.main().tensor(id).is_variable = true;
    const auto y = builder.tensor("y", DType::float32, {});
    const TensorId none = kNoTensor;
    builder.node(OpCode::LSTM, {x,    one,  one,  one,  one,  zero, zero, zero, zero,         none,
                                none, none, bias, bias, bias, bias, none, none, output_state, cell_state},
                 {y}, "LSTMOptions", a);
    builder.output(y);
  }
};

TEST(LstmStep, AdmitsByTheInputGateAndShowsByTheOutputGate) {
  LstmStep a;
  a.fused_activation_function = Activation::tanh;
  const Value out = OneStep(a).run({value<float>({1, 1}, {1})});
  EXPECT_EQ(out.shape, (Shape{1, 1}));
  const float gate = 1 / (1 + std::exp(-1.0f));
  EXPECT_NEAR(elements<float>(out)[0], gate * std::tanh(gate * std::tanh(1.0f)), 1e-6);
}

TEST(LstmStep, RefusesTheBasicKernel) {
  LstmStep a;
  a.kernel_type = LstmKernelType::basic;
  EXPECT_EQ(OneStep(a).error({value<float>({1, 1}, {1})}),
            "subgraph 0, node 0 LSTM \"y\"\n"
            "  found     kernel_type BASIC\n"
            "  expected  FULL\n"
            "  to mend   convert the model again with a current converter");
}

}  // namespace
}  // namespace monolite::ops
