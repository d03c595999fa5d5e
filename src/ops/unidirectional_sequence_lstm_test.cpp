#include "ops/unidirectional_sequence_lstm.h"

#include <cmath>

#include "ops/fixed_point_math_16.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

// One cell with a coupled input gate: every input weight is 1, every recurrent weight 0, every bias 0.
struct OneCell : OneGraph {
  explicit OneCell(DType state = DType::float32) {
    const auto x = builder.input("x", DType::float32, {1, 2, 1});
    const auto one = builder.constant<float>("one", {1, 1}, {1}), zero = builder.constant<float>("zero", {1, 1}, {0});
    const auto bias = builder.constant<float>("bias", {1}, {0});
    const auto variable = [&](const char* name) {
      const auto id = builder.tensor(name, state, {1, 1});
      model.main().tensor(id).is_variable = true;
      return id;
    };
    const auto y = builder.tensor("y", DType::float32, {});
    const auto output_state = variable("output_state"), cell_state = variable("cell_state");
    const TensorId none = kNoTensor;
    UnidirectionalSequenceLstm a;
    a.fused_activation_function = Activation::tanh;
    builder.node(OpCode::UNIDIRECTIONAL_SEQUENCE_LSTM,
                 {x,    none, one,  one,  one,  none, zero, zero, zero,         none,
                  none, none, none, bias, bias, bias, none, none, output_state, cell_state},
                 {y}, "UnidirectionalSequenceLSTMOptions", a);
    builder.output(y);
  }
};

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

TEST(UnidirectionalSequenceLstm, CarriesTheCellFromStepToStep) {
  const auto out = elements<float>(OneCell().run({value<float>({1, 2, 1}, {1, -2})}));
  const float first = (1 - sigmoid(1)) * std::tanh(1.0f);
  const float second = sigmoid(-2) * first + (1 - sigmoid(-2)) * std::tanh(-2.0f);
  EXPECT_NEAR(out[0], sigmoid(1) * std::tanh(first), 1e-6);
  EXPECT_NEAR(out[1], sigmoid(-2) * std::tanh(second), 1e-6);
}

TEST(UnidirectionalSequenceLstm, CarriesTheCellFromCallToCallUntilReset) {
  OneCell g;
  Evaluator evaluator(g.model);
  const std::vector<Value> inputs = {value<float>({1, 2, 1}, {1, 1})};
  const auto first = elements<float>((*evaluator.invoke(inputs))[0]);
  const auto second = elements<float>((*evaluator.invoke(inputs))[0]);
  EXPECT_GT(second[0], first[1]);
  evaluator.reset_variables();
  EXPECT_EQ(elements<float>((*evaluator.invoke(inputs))[0]), first);
}

TEST(UnidirectionalSequenceLstm, RefusesAStateOfAnotherType) {
  EXPECT_EQ(OneCell(DType::int16).error({value<float>({1, 2, 1}, {1, 1})}),
            "subgraph 0, node 0 UNIDIRECTIONAL_SEQUENCE_LSTM \"y\", input 18\n"
            "  found     int16\n"
            "  expected  float32\n"
            "  to mend   this op is not computed for that type; `monolite inspect` still shows the model");
}

TEST(FixedPointMath16, IsCloseToLogisticAndTanh) {
  for (const double x : {-7.9, -1.0, -0.1, 0.0, 0.3, 2.5, 7.9}) {
    const auto q3 = static_cast<int16_t>(x * 4096);
    EXPECT_NEAR(q16::logistic(q3) / 32768.0, 1 / (1 + std::exp(-x)), 1e-3) << x;
    EXPECT_NEAR(q16::tanh(q3, 3) / 32768.0, std::tanh(x), 1e-3) << x;
  }
}

}  // namespace
}  // namespace monolite::ops
