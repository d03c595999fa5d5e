// An inference on fast steps allocates nothing. This file replaces the program's operator new by one that counts.

#include <atomic>
#include <cstdlib>
#include <new>

#include "ops/add.h"
#include "ops/concatenation.h"
#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "ops/detection_postprocess.h"
#include "ops/op.h"
#include "ops/pool.h"
#include "ops/reduction.h"
#include "runtime/testing.h"

namespace {
std::atomic<int64_t> allocations{0};
}  // namespace

// Not inlined: GCC would see malloc's memory go to a delete that it takes for the library's.
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(size_t size) {
  if (void* p = operator new(size, std::nothrow)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto a = static_cast<size_t>(alignment);
  if (void* p = std::aligned_alloc(a, (size + a - 1) / a * a)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace monolite::runtime {
namespace {

void expect_no_allocations(const Model& model) {
  auto session = Session::create(model);
  ASSERT_TRUE(session) << to_string(session.error());
  EXPECT_EQ((*session)->plan().find(" reference "), std::string::npos) << (*session)->plan();
  ASSERT_TRUE((*session)->invoke());
  const int64_t before = allocations;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE((*session)->invoke());
  EXPECT_EQ(allocations, before) << (*session)->plan();
}

TEST(Session, AllocatesNothingDuringAnInference) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::uint8, {1, 70, 70, 16}, per_tensor(0.1f, 128));
  const auto f =
      g.constant<uint8_t>("f", {24, 3, 3, 16}, std::vector<uint8_t>(24 * 9 * 16, 130), per_tensor(0.01f, 121));
  const auto y = g.tensor("y", DType::uint8, {}, per_tensor(0.3f, 128));
  g.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
  g.output(y);
  expect_no_allocations(model);
}

TEST(Session, AllocatesNothingWhileItMovesElements) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::uint8, {1, 70, 70, 16}, per_tensor(0.1f, 128));
  const auto padded = g.tensor("padded", DType::uint8, {}, per_tensor(0.1f, 128));
  const auto paddings = g.constant<int32_t>("paddings", {4, 2}, {0, 0, 1, 1, 1, 1, 0, 0});
  g.node(OpCode::PAD, {x, paddings}, {padded}, "PadOptions", ops::NoAttributes{});
  const auto order = g.constant<int32_t>("order", {4}, {0, 3, 1, 2});
  const auto turned = g.tensor("turned", DType::uint8, {}, per_tensor(0.1f, 128));
  g.node(OpCode::TRANSPOSE, {padded, order}, {turned}, "TransposeOptions", ops::NoAttributes{});
  const auto other = g.input("other", DType::uint8, {1, 16, 72, 3}, per_tensor(0.2f, 128));
  const auto y = g.tensor("y", DType::uint8, {}, per_tensor(0.1f, 128));
  g.node(OpCode::CONCATENATION, {turned, other}, {y}, "ConcatenationOptions", ops::Concatenation{3});
  g.output(y);
  expect_no_allocations(model);
}

TEST(Session, AllocatesNothingDuringAWinogradConvolution) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::float32, {1, 70, 71, 32});
  const auto f = g.constant<float>("f", {32, 3, 3, 32}, std::vector<float>(32 * 9 * 32, 0.5f));
  const auto y = g.tensor("y", DType::float32, {}), sum = g.tensor("sum", DType::float32, {});
  g.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
  g.node(OpCode::ADD, {y, x}, {sum}, "AddOptions", ops::Add{});
  g.output(sum);
  expect_no_allocations(model);
}

TEST(Session, AllocatesNothingInFunctions) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::uint8, {1, 70, 1000}, per_tensor(0.1f, 128));
  const auto real = g.tensor("real", DType::float32, {}), one = g.tensor("one", DType::float32, {}),
             two = g.tensor("two", DType::float32, {}), three = g.tensor("three", DType::float32, {});
  g.node(OpCode::DEQUANTIZE, {x}, {real}, "DequantizeOptions", ops::NoAttributes{});
  g.node(OpCode::LOGISTIC, {real}, {one}, "", ops::NoAttributes{});
  g.node(OpCode::RELU6, {one}, {two}, "", ops::NoAttributes{});
  g.node(OpCode::MINIMUM, {two, real}, {three}, "MaximumMinimumOptions", ops::NoAttributes{});
  const auto y = g.tensor("y", DType::int8, {}, per_tensor(0.1f, 3));
  g.node(OpCode::QUANTIZE, {three}, {y}, "QuantizeOptions", ops::NoAttributes{});
  g.output(y);
  expect_no_allocations(model);
}

TEST(Session, AllocatesNothingWhileItFindsBoxes) {
  for (const bool is_regular : {false, true}) {
    ops::DetectionPostprocess options;
    options.max_detections = 10;
    options.max_classes_per_detection = 1;
    options.use_regular_nms = is_regular;
    options.nms_score_threshold = 0.01f;
    options.nms_iou_threshold = 0.5f;
    options.num_classes = 5;
    options.y_scale = options.x_scale = options.h_scale = options.w_scale = 1;
    Model model{.graphs = std::vector<Graph>(1)};
    GraphBuilder g(model.graphs[0]);
    const auto boxes = g.input("boxes", DType::float32, {1, 100, 4}),
               scores = g.input("scores", DType::float32, {1, 100, 6});
    const auto anchors = g.constant<float>("anchors", {100, 4}, std::vector<float>(400, 1.0f));
    std::vector<TensorId> outputs;
    for (const char* name : {"out_boxes", "classes", "out_scores", "count"}) {
      outputs.push_back(g.tensor(name, DType::float32, {}));
      g.output(outputs.back());
    }
    Node& node = g.node(OpCode::CUSTOM, {boxes, scores, anchors}, outputs);
    node.custom_code = "TFLite_Detection_PostProcess";
    node.custom_options = ops::write_detection_options(options);
    expect_no_allocations(model);
  }
}

TEST(Session, AllocatesNothingInPoolsAndMeans) {
  for (const DType type : {DType::uint8, DType::float32}) {
    const Quantization mapping = type == DType::uint8 ? per_tensor(0.1f, 128) : Quantization{};
    Model model{.graphs = std::vector<Graph>(1)};
    GraphBuilder g(model.graphs[0]);
    const auto x = g.input("x", type, {1, 70, 70, 100}, mapping);
    const auto pooled = g.tensor("pooled", type, {}, mapping);
    g.node(OpCode::AVERAGE_POOL_2D, {x}, {pooled}, "Pool2DOptions", ops::Pool2D{ops::Padding::same, 2, 2, 3, 3});
    const auto y = g.tensor("y", type, {}, mapping);
    const auto axes = g.constant<int32_t>("axes", {2}, {1, 2});
    g.node(OpCode::MEAN, {pooled, axes}, {y}, "ReducerOptions", ops::Reducer{});
    g.output(y);
    expect_no_allocations(model);
  }
}

// With the residual sum that ends it; the larger picture row by row, the smaller one a panel of channels at a time.
TEST(Session, AllocatesNothingDuringFloatBlocks) {
  for (const int32_t size : {67, 33}) {
    Model model{.graphs = std::vector<Graph>(1)};
    GraphBuilder g(model.graphs[0]);
    const auto x = g.input("x", DType::float32, {1, size, size, 16});
    const auto f = g.constant<float>("f", {80, 1, 1, 16}, std::vector<float>(80 * 16, 0.5f));
    const auto d = g.constant<float>("d", {1, 3, 3, 80}, std::vector<float>(9 * 80, 0.5f));
    const auto p = g.constant<float>("p", {16, 1, 1, 80}, std::vector<float>(80 * 16, 0.5f));
    const auto wide = g.tensor("wide", DType::float32, {}), deep = g.tensor("deep", DType::float32, {});
    const auto y = g.tensor("y", DType::float32, {}), sum = g.tensor("sum", DType::float32, {});
    g.node(OpCode::CONV_2D, {x, f, kNoTensor}, {wide}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
    g.node(OpCode::DEPTHWISE_CONV_2D, {wide, d, kNoTensor}, {deep}, "DepthwiseConv2DOptions",
           ops::DepthwiseConv2D{ops::Padding::same, 1, 1, 1});
    g.node(OpCode::CONV_2D, {deep, p, kNoTensor}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
    g.node(OpCode::ADD, {y, x}, {sum}, "AddOptions", ops::Add{});
    g.output(sum);
    expect_no_allocations(model);
  }
}

}  // namespace
}  // namespace monolite::runtime
