// Sums and products that end a matrix product: near the reference backend, and as one step where they should be.

#include "ops/add.h"
#include "ops/batch_matmul.h"
#include "ops/conv_2d.h"
#include "ops/fully_connected.h"
#include "ops/mul.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

using testing::reals;

enum class Product { fully_connected, convolution, batch_matmul };

// What follows the product, in order: r a residual, q one that is a product and a sum of an input with constants, s and
// t a constant for each channel, n a number, m one row that is an input, x the product itself.
struct Chain {
  const char* parts;
  const char* nodes;  // of the step that is expected
};

class Builder {
 public:
  Builder(Product product, int channels, ops::Activation last)
      : g_(model_.graphs[0]), channels_(channels), last_(last) {
    const auto y = g_.tensor("y", DType::float32, {});
    if (product == Product::batch_matmul) {
      out_ = {2, 3, 17, channels};
      const auto a = g_.input("a", DType::float32, {2, 3, 17, 9}),
                 b = g_.input("b", DType::float32, {2, 3, 9, channels});
      g_.node(OpCode::BATCH_MATMUL, {a, b}, {y}, "BatchMatMulOptions", ops::BatchMatMul{});
    } else if (product == Product::convolution) {
      out_ = {2, 5, 7, channels};
      const auto a = g_.input("a", DType::float32, {2, 5, 7, 6});
      const auto f = g_.constant<float>("f", {channels, 3, 3, 6}, reals(channels * 54, 1));
      g_.node(OpCode::CONV_2D, {a, f, kNoTensor}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
    } else {
      out_ = {29, channels};
      const auto a = g_.input("a", DType::float32, {29, 33});
      const auto f = g_.constant<float>("f", {channels, 33}, reals(channels * 33, 2));
      const auto b = g_.constant<float>("b", {channels}, reals(channels, 3));
      g_.node(OpCode::FULLY_CONNECTED, {a, f, b}, {y}, "FullyConnectedOptions", ops::FullyConnected{});
    }
    at_ = y;
  }

  Model model(const std::string& parts) {
    const TensorId product = at_;
    for (size_t i = 0; i < parts.size(); ++i) {
      const char part = parts[i];
      const TensorId other = part == 'r'   ? g_.input("r", DType::float32, out_)
                             : part == 'q' ? affine(g_.input("q", DType::float32, out_))
                             : part == 'm' ? g_.input("m", DType::float32, {1, channels_})
                             : part == 'x' ? product
                             : part == 'n' ? g_.constant<float>("n", {}, {0.37f})
                                           : g_.constant<float>("c", {channels_}, reals(channels_, 7));
      const auto next = g_.tensor("next", DType::float32, {});
      const auto activation = i + 1 == parts.size() ? last_ : ops::Activation::none;
      const auto inputs = i % 2 == 0 ? std::vector<TensorId>{at_, other} : std::vector<TensorId>{other, at_};
      if (part == 's' || part == 'n') {
        g_.node(OpCode::MUL, inputs, {next}, "MulOptions", ops::Mul{activation});
      } else {
        g_.node(OpCode::ADD, inputs, {next}, "AddOptions", ops::Add{activation});
      }
      at_ = next;
    }
    g_.output(at_);
    return std::move(model_);
  }

 private:
  TensorId affine(TensorId x) {
    const auto scale = g_.constant<float>("scale", {channels_}, reals(channels_, 8));
    const auto shift = g_.constant<float>("shift", {1, channels_}, reals(channels_, 9));
    const auto product = g_.tensor("product", DType::float32, {}), sum = g_.tensor("sum", DType::float32, {});
    g_.node(OpCode::MUL, {scale, x}, {product}, "MulOptions", ops::Mul{});
    g_.node(OpCode::ADD, {product, shift}, {sum}, "AddOptions", ops::Add{});
    return sum;
  }

  Model model_{.graphs = std::vector<Graph>(1)};
  GraphBuilder g_;
  int channels_;
  ops::Activation last_;
  Shape out_;
  TensorId at_ = kNoTensor;
};

TEST(EndingF32, IsNearTheReference) {
  const Chain chains[] = {{"r", "0,1"},       {"rst", "0,1,2,3"}, {"rs", "0,1,2"},  {"st", "0,1,2"},
                          {"t", "0,1"},       {"s", "0,1"},       {"rt", "0,1,2"},  {"nm", "0,1,2"},
                          {"rnm", "0,1,2,3"}, {"m", "0,1"},       {"q", "0,1,2,3"}, {"qt", "0,1,2,3,4"}};
  for (const Product product : {Product::fully_connected, Product::convolution, Product::batch_matmul}) {
    for (const Chain& chain : chains) {
      for (const int channels : {37, 64}) {
        const auto last = channels == 64 ? ops::Activation::relu : ops::Activation::none;
        SCOPED_TRACE(chain.parts);
        testing::expect_same_bits(Builder(product, channels, last).model(chain.parts), std::string(chain.nodes) + " ");
      }
    }
  }
}

// The order is another, or something is read twice.
TEST(EndingF32, TakesNoMoreThanTheKernelDoes) {
  const Chain chains[] = {{"tr", "0,1"}, {"ts", "0,1"}, {"sr", "0,1"},  {"ss", "0,1"},
                          {"rr", "0,1"}, {"sx", "0"},   {"qs", "0,3,4"}};
  for (const Chain& chain : chains) {
    SCOPED_TRACE(chain.parts);
    testing::expect_same_bits(Builder(Product::fully_connected, 21, ops::Activation::none).model(chain.parts),
                              std::string(chain.nodes) + " ");
  }
}

TEST(EndingF32, LeavesSumsBehindAnActivation) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto a = g.input("a", DType::float32, {9, 8});
  const auto f = g.constant<float>("f", {8, 8}, reals(64, 2));
  const auto y = g.tensor("y", DType::float32, {}), sum = g.tensor("sum", DType::float32, {});
  ops::FullyConnected options;
  options.fused_activation_function = ops::Activation::relu;
  g.node(OpCode::FULLY_CONNECTED, {a, f, kNoTensor}, {y}, "FullyConnectedOptions", options);
  g.node(OpCode::ADD, {y, a}, {sum}, "AddOptions", ops::Add{});
  g.output(sum);
  testing::expect_same_bits(model, "1 ");
}

}  // namespace
}  // namespace monolite::runtime
