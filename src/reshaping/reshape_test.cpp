#include "reshaping/reshape.h"

#include <gtest/gtest.h>

#include "ir/builder.h"
#include "ops/concatenation.h"
#include "ops/conv_2d.h"
#include "ops/evaluate.h"
#include "ops/fully_connected.h"
#include "ops/pool.h"
#include "ops/reshape.h"
#include "ops/resize_bilinear.h"

namespace monolite::reshaping {
namespace {

using ops::Padding;

// A small DeepLab: strides of 2, a pooled branch, resizes back to the map and to the picture.
struct Net {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b{model.graphs[0]};
  TensorId last = kNoTensor;

  explicit Net(int32_t size) : Net(size, size) {}
  Net(int32_t height, int32_t width) { last = b.input("picture", DType::float32, {1, height, width, 1}); }

  Net& conv(int32_t filter, int32_t stride, int32_t dilation = 1) {
    std::vector<float> weights(static_cast<size_t>(filter * filter));
    for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i + 1) / 10;
    const auto w = b.constant<float>("weights", {1, filter, filter, 1}, weights);
    const auto y = b.tensor("conv", DType::float32, {});
    b.node(OpCode::CONV_2D, {last, w}, {y}, "Conv2DOptions",
           ops::Conv2D{
               .stride_w = stride, .stride_h = stride, .dilation_w_factor = dilation, .dilation_h_factor = dilation});
    last = y;
    return *this;
  }
  Net& pool(int32_t size) { return pool(size, size); }
  Net& pool(int32_t height, int32_t width) {
    const auto y = b.tensor("pool", DType::float32, {});
    b.node(
        OpCode::AVERAGE_POOL_2D, {last}, {y}, "Pool2DOptions",
        ops::Pool2D{
            .padding = Padding::valid, .stride_w = 1, .stride_h = 1, .filter_width = width, .filter_height = height});
    last = y;
    return *this;
  }
  Net& resize(int32_t size, bool align_corners = true) {
    const auto y = b.tensor("resized", DType::float32, {});
    const auto target = b.constant<int32_t>("size", {2}, {size, size});
    b.node(OpCode::RESIZE_BILINEAR, {last, target}, {y}, "ResizeBilinearOptions",
           ops::ResizeBilinear{.align_corners = align_corners});
    last = y;
    return *this;
  }
  Net& join(TensorId other) {
    const auto y = b.tensor("joined", DType::float32, {});
    b.node(OpCode::CONCATENATION, {last, other}, {y}, "ConcatenationOptions", ops::Concatenation{.axis = 3});
    last = y;
    return *this;
  }
  Net& flatten(std::vector<int32_t> shape) {
    const auto y = b.tensor("flat", DType::float32, {});
    const auto rank = static_cast<int32_t>(shape.size());
    const auto target = b.constant<int32_t>("shape", {rank}, shape);
    b.node(OpCode::RESHAPE, {last, target}, {y}, "ReshapeOptions", ops::Reshape{.new_shape = shape});
    last = y;
    return *this;
  }
  Model& done() {
    b.output(last);
    return model;
  }
};

// Halved, doubled by a filter, and joined with what it was: even sizes only.
Model open_unet() {
  Net net(1);
  const TensorId picture = net.last;
  net.model.main().tensor(picture).shape_signature = {{-1, -1, -1, 1}};
  net.conv(3, 2);
  const TensorId half = net.last, y = net.b.tensor("doubled", DType::float32, {});
  // the new shape as Keras computes it: twice what came in
  const auto size = net.b.tensor("size", DType::int32, {4}), twice = net.b.tensor("twice", DType::int32, {4});
  net.b.node(OpCode::SHAPE, {half}, {size}).attributes.set("out_type", int64_t{2});
  const auto factors = net.b.constant<int32_t>("factors", {4}, {1, 2, 2, 1});
  net.b.node(OpCode::MUL, {size, factors}, {twice});
  const auto w = net.b.constant<float>("w", {1, 2, 2, 1}, {1, 2, 3, 4});
  Node& up = net.b.node(OpCode::TRANSPOSE_CONV, {twice, w, half}, {y});
  up.attributes.set_table("TransposeConvOptions");
  up.attributes.set("stride_w", int64_t{2});
  up.attributes.set("stride_h", int64_t{2});
  net.last = y;
  return net.join(picture).done();
}

TEST(Reshape, StatesTheSizeOfAModelThatTakesAny) {
  Model model = open_unet();
  const auto outcome = reshape(model, {.height = 6, .width = 8});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  const Tensor& picture = model.main().tensor(model.main().inputs[0]);
  EXPECT_EQ(picture.shape, (Shape{1, 6, 8, 1}));
  EXPECT_EQ(*picture.shape_signature, (std::vector<int32_t>{-1, 6, 8, 1}));
  EXPECT_EQ(model.main().tensor(model.main().outputs[0]).shape, (Shape{1, 6, 8, 2}));
  EXPECT_EQ(outcome->changes, (std::vector<std::string>{"input \"picture\" is always 1x6x8x1; its size was open"}));
}

TEST(Reshape, NamesASizeNearOneThatAModelOfAnySizeDoesNotCompute) {
  Model model = open_unet();
  const auto odd = reshape(model, {.height = 7, .width = 9});
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().mend, "--crop_size 8,8 is computed");
  EXPECT_EQ(reshape(model, {.height = 6}).error().found, "no width");
  EXPECT_EQ(reshape(model, {.output_stride = 8}).error().kind, ErrorKind::usage);
}

// 65 -> 33 -> 17, the pooled branch beside the map, and back.
Net deeplab(int32_t size, int32_t map) {
  Net net(size);
  net.conv(3, 2).conv(3, 2).conv(3, 1, 2);
  const auto features = net.last;
  net.pool(map).resize(map).join(features).resize(size);
  return net;
}

Shape output_shape(const Model& model) {
  const auto inference = ops::infer_shapes(model);
  if (const auto ok = inference.result(); !ok) ADD_FAILURE() << to_string(ok.error());
  return inference.states[static_cast<size_t>(model.main().outputs[0])].shape;
}

std::vector<float> run(const Model& model, const Shape& shape) {
  std::vector<float> x(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  const ops::Value value{DType::float32, shape, Buffer::of(std::move(x))};
  const auto y = ops::evaluate(model, std::span(&value, 1));
  if (!y) {
    ADD_FAILURE() << to_string(y.error());
    return {};
  }
  std::vector<float> all;
  for (size_t i = 0; i < (*y)[0].data.size_bytes() / 4; ++i) all.push_back((*y)[0].data.get<float>(i));
  return all;
}

std::string error_of(Model& model, const Request& request) {
  const auto outcome = reshape(model, request);
  return outcome ? "no error" : to_string(outcome.error());
}

TEST(Reshape, GivesTheNetThatWasMadeForTheSize) {
  auto small = deeplab(65, 17), large = deeplab(97, 25);
  const auto outcome = reshape(small.done(), {.height = 97, .width = 97});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->input, (Shape{1, 97, 97, 1}));
  EXPECT_EQ(outcome->shift, Shift{});
  EXPECT_EQ(run(small.model, {1, 97, 97, 1}), run(large.done(), {1, 97, 97, 1}));
}

TEST(Reshape, APoolOverAMapOfOnePixelsWidthFollowsBothSides) {
  Net narrow(9, 1);
  const auto outcome = reshape(narrow.pool(9, 1).done(), {.height = 5, .width = 4});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->changes, std::vector<std::string>{"node 0 AVERAGE_POOL_2D: window 5x4"});
  EXPECT_EQ(output_shape(narrow.model), (Shape{1, 1, 1, 1}));
}

TEST(Reshape, APoolOverAMapOfOnePixelGoesOnToTakeTheWholeMap) {
  Net small(2);
  const auto outcome = reshape(small.conv(3, 2).pool(1).done(), {.height = 8, .width = 6});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->changes, std::vector<std::string>{"node 1 AVERAGE_POOL_2D: window 4x3"});
  EXPECT_EQ(output_shape(small.model), (Shape{1, 1, 1, 1}));
}

TEST(Reshape, AConvolutionOfOnePixelGoesOnToSlide) {
  Net small(2);
  small.conv(3, 2).conv(1, 1);
  small.model.main().nodes.back().attributes.set("padding", static_cast<int64_t>(Padding::valid));
  ASSERT_TRUE(reshape(small.done(), {.height = 8, .width = 6}));
  EXPECT_EQ(output_shape(small.model), (Shape{1, 4, 3, 1}));
}

TEST(Reshape, MakesRectangles) {
  auto net = deeplab(65, 17);
  ASSERT_TRUE(reshape(net.done(), {.height = 33, .width = 129}));
  EXPECT_EQ(output_shape(net.model), (Shape{1, 33, 129, 2}));
}

TEST(Reshape, MovesAStrideIntoDilationsAndBack) {
  auto net = deeplab(65, 17), same = deeplab(65, 17);
  const auto denser = reshape(net.done(), {.output_stride = 2});
  ASSERT_TRUE(denser) << to_string(denser.error());
  EXPECT_EQ(denser->output_stride, 2);
  EXPECT_EQ(attributes_as<ops::Conv2D>(net.model.main().nodes[1].attributes).stride_h, 1);
  EXPECT_EQ(attributes_as<ops::Conv2D>(net.model.main().nodes[2].attributes).dilation_h_factor, 4);
  const auto back = reshape(net.model, {.output_stride = 4});
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(run(net.model, {1, 65, 65, 1}), run(same.done(), {1, 65, 65, 1}));
}

TEST(Reshape, KeepsTheModelWhereNoStrideWasTakenOut) {
  Net net(65);
  net.conv(3, 2).conv(3, 1);
  EXPECT_EQ(error_of(net.done(), {.output_stride = 4}),
            "--output_stride\n"
            "  found     4, and no place that a stride was taken out of (dilations by even steps behind it)\n"
            "  expected  at most 2\n"
            "  to mend   a stride can only return to where training had moved it away");
  EXPECT_EQ(output_shape(net.model), (Shape{1, 33, 33, 1}));
}

TEST(Reshape, SaysHowFarEvenSizesMoveTheGrid) {
  auto net = deeplab(65, 17);
  const auto outcome = reshape(net.done(), {.height = 64, .width = 65});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->shift.y, 1 + 2);
  EXPECT_EQ(outcome->shift.x, 0);
  EXPECT_EQ(outcome->friendly, (Shape{65, 65}));
}

TEST(Reshape, KeepsTheGridWhenAsked) {
  Net even(65), odd(65);
  even.conv(3, 2).conv(3, 2);
  odd.conv(3, 2).conv(3, 2);
  const auto outcome = reshape(even.done(), {.height = 64, .width = 64, .keeps_grid = true});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->shift, Shift{});
  // The same picture with a row and a column more, which the maps hardly see.
  odd.done();
  const auto a = run(even.model, {1, 64, 64, 1});
  std::vector<float> x(65 * 65);
  for (size_t y = 0; y < 64; ++y) {
    for (size_t i = 0; i < 64; ++i) x[y * 65 + i] = static_cast<float>((y * 64 + i) * 37 % 101) / 50 - 1;
  }
  const ops::Value value{DType::float32, {1, 65, 65, 1}, Buffer::of(std::move(x))};
  const auto b = ops::evaluate(odd.model, std::span(&value, 1));
  ASSERT_TRUE(b);
  for (size_t y = 0; y < 15; ++y) {
    for (size_t i = 0; i < 15; ++i) EXPECT_EQ(a[y * 16 + i], (*b)[0].data.get<float>(y * 17 + i)) << y << " " << i;
  }
}

TEST(Reshape, CutsWhatAPlainResizeGivesTooMuch) {
  auto net = deeplab(65, 17);
  const auto outcome = reshape(net.done(), {.height = 62, .width = 64, .keeps_grid = true});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(net.model.main().nodes.back().op, OpCode::SLICE);
  EXPECT_EQ(output_shape(net.model), (Shape{1, 62, 64, 2}));
}

TEST(Reshape, ChangesNothingAtItsOwnSize) {
  auto net = deeplab(65, 17);
  const size_t nodes = net.done().main().nodes.size();
  const auto outcome = reshape(net.model, {.height = 65, .width = 65, .keeps_grid = true});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_TRUE(outcome->changes.empty());
  EXPECT_EQ(net.model.main().nodes.size(), nodes);
}

TEST(Reshape, FollowsFlattenedMapsAndBatches) {
  Net net(8);
  net.conv(3, 2).flatten({1, 16, 1}).flatten({1, 1, 16});
  ASSERT_TRUE(reshape(net.done(), {.height = 16, .width = 8, .batch = 3}));
  EXPECT_EQ(output_shape(net.model), (Shape{3, 1, 32}));
}

TEST(Reshape, RefusesAFullyConnectedHead) {
  Net net(8);
  net.conv(3, 2).flatten({-1, 16});
  const auto w = net.b.constant<float>("w", {2, 16}, std::vector<float>(32));
  const auto y = net.b.tensor("scores", DType::float32, {});
  net.b.node(OpCode::FULLY_CONNECTED, {net.last, w, kNoTensor}, {y}, "FullyConnectedOptions", ops::FullyConnected{});
  net.last = y;
  EXPECT_EQ(error_of(net.done(), {.height = 16, .width = 16}),
            "node 2 FULLY_CONNECTED \"scores\"\n"
            "  found     a fully connected head: weights for 16 values, 64 at this size\n"
            "  expected  a head that takes any size (a pool over the whole map before it)\n"
            "  to mend   train it for the size wanted");
  EXPECT_TRUE(reshape(net.model, {.batch = 4}));
  EXPECT_EQ(output_shape(net.model), (Shape{4, 2}));
}

TEST(Reshape, RefusesASizeOfUnknownOrigin) {
  Net net(65);
  net.conv(3, 2).resize(50);
  EXPECT_EQ(error_of(net.done(), {.height = 33, .width = 33}),
            "node 1 RESIZE_BILINEAR \"resized\"\n"
            "  found     a size of 50x50, made of a map of 33x33\n"
            "  expected  the size of another map, of the picture, or a multiple of its own input's\n"
            "  to mend   it can't be told what this size follows; make the model again for the size wanted");
}

TEST(Reshape, WritesDilationsThatWereSpelledAsBatches) {
  Net net(65), batches(65);
  net.conv(3, 2).conv(3, 1, 2).resize(65);
  batches.conv(3, 2);
  auto& b = batches.b;
  const auto split = b.tensor("split", DType::float32, {}), small = b.tensor("small", DType::float32, {}),
             joined = b.tensor("joined", DType::float32, {});
  const auto block = b.constant<int32_t>("block", {2}, {2, 2});
  b.node(OpCode::SPACE_TO_BATCH_ND, {batches.last, block, b.constant<int32_t>("pads", {2, 2}, {2, 3, 2, 3})}, {split});
  const auto w = batches.model.main().nodes[0].inputs[1];
  b.node(OpCode::CONV_2D, {split, w}, {small}, "Conv2DOptions",
         ops::Conv2D{.padding = Padding::valid, .stride_w = 1, .stride_h = 1});
  b.node(OpCode::BATCH_TO_SPACE_ND, {small, block, b.constant<int32_t>("crops", {2, 2}, {0, 1, 0, 1})}, {joined});
  batches.last = joined;
  batches.resize(65);
  EXPECT_EQ(run(batches.done(), {1, 65, 65, 1}), run(net.done(), {1, 65, 65, 1}));
  ASSERT_TRUE(reshape(net.model, {.height = 40, .width = 33}));
  const auto outcome = reshape(batches.model, {.height = 40, .width = 33});
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(batches.model.main().nodes.size(), 3u);
  EXPECT_EQ(run(batches.model, {1, 40, 33, 1}), run(net.model, {1, 40, 33, 1}));
}

TEST(Reshape, RefusesSizesOutOfRange) {
  Net net(65);
  net.conv(3, 2);
  EXPECT_EQ(error_of(net.done(), {.height = 0, .width = 33}),
            "--crop_size\n  found     0,33\n  expected  1 to 16384 each");
}

}  // namespace
}  // namespace monolite::reshaping
