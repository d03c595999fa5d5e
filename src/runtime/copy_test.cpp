// Ops that only move elements: the bits of the reference backend, and no copy where none is needed.

#include "ops/concatenation.h"
#include "ops/depth_to_space.h"
#include "ops/reshape.h"
#include "ops/split_parts.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

Model empty_model() { return {.graphs = std::vector<Graph>(1)}; }

Quantization mapping_of(DType type, float scale = 0.1f) {
  return type == DType::float32 || type == DType::int32 ? Quantization{} : per_tensor(scale, 3);
}

TensorId ints(GraphBuilder& g, const std::string& name, const std::vector<int32_t>& values, Shape shape = {}) {
  if (shape.rank() == 0) shape = Shape{static_cast<int32_t>(values.size())};
  return g.constant<int32_t>(name, shape, values);
}

constexpr DType kTypes[] = {DType::uint8, DType::int8, DType::int32, DType::float32};

Model concatenation(DType type, const std::vector<Shape>& shapes, int32_t axis, bool rescales) {
  Model model = empty_model();
  GraphBuilder g(model.graphs[0]);
  std::vector<TensorId> inputs;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const float scale = rescales && i == 1 ? 0.17f : 0.1f;
    inputs.push_back(g.input("x" + std::to_string(i), type, shapes[i], mapping_of(type, scale)));
  }
  const auto y = g.tensor("y", type, {}, mapping_of(type));
  g.node(OpCode::CONCATENATION, inputs, {y}, "ConcatenationOptions", ops::Concatenation{axis});
  g.output(y);
  return model;
}

TEST(Copy, ConcatenatesAlongAnyDimension) {
  for (const DType type : kTypes) {
    for (const int32_t n : {1, 3, 6, 15, 31, 65, 300}) {
      testing::expect_same_bits(concatenation(type, {{2, 5, n}, {2, 5, 7}}, 2, false), "copy");
      testing::expect_same_bits(concatenation(type, {{2, n, 9}, {2, 4, 9}, {2, 1, 9}}, -2, false), "copy");
      testing::expect_same_bits(concatenation(type, {{n, 70, 9}, {2, 70, 9}}, 0, false), "copy");
    }
  }
}

TEST(Copy, BringsBytesToTheOutputsScale) {
  for (const int32_t n : {1, 17, 63, 64, 65, 256}) {
    testing::expect_same_bits(concatenation(DType::uint8, {{1, 33, 33, n}, {1, 33, 33, 48}}, 3, true),
                              "elementwise_q8");
  }
  testing::expect_same_bits(concatenation(DType::uint8, {{1, 1083, 91}, {1, 600, 91}}, 1, true), "elementwise_q8");
}

template <class A>
Model one_input(OpCode op, DType type, const Shape& shape,
                const std::vector<std::pair<std::vector<int32_t>, Shape>>& rest, const char* options,
                const A& attributes) {
  Model model = empty_model();
  GraphBuilder g(model.graphs[0]);
  std::vector<TensorId> inputs = {g.input("x", type, shape, mapping_of(type))};
  for (const auto& [values, s] : rest) inputs.push_back(ints(g, "c" + std::to_string(inputs.size()), values, s));
  const auto y = g.tensor("y", type, {}, mapping_of(type));
  g.node(op, inputs, {y}, options, attributes);
  g.output(y);
  return model;
}

TEST(Copy, Transposes) {
  for (const DType type : kTypes) {
    for (const auto& order :
         {std::vector<int32_t>{0, 2, 1, 3}, {0, 3, 1, 2}, {3, 2, 1, 0}, {0, 1, 3, 2}, {1, 0, 2, 3}}) {
      for (const int32_t n : {1, 31, 33, 64}) {
        testing::expect_same_bits(
            one_input(OpCode::TRANSPOSE, type, {2, 37, n, 5}, {{order, {}}}, "TransposeOptions", ops::NoAttributes{}),
            "copy");
      }
    }
  }
}

TEST(Copy, PadsAndSlices) {
  for (const DType type : kTypes) {
    testing::expect_same_bits(one_input(OpCode::PAD, type, {1, 33, 20, 3}, {{{0, 0, 1, 2, 3, 0, 0, 5}, {4, 2}}},
                                        "PadOptions", ops::NoAttributes{}),
                              "copy");
    testing::expect_same_bits(one_input(OpCode::SLICE, type, {2, 33, 20, 3}, {{{1, 2, 3, 0}, {}}, {{1, 30, -1, 2}, {}}},
                                        "SliceOptions", ops::NoAttributes{}),
                              "copy");
    testing::expect_same_bits(
        one_input(OpCode::TILE, type, {2, 3, 17}, {{{2, 1, 3}, {}}}, "TileOptions", ops::NoAttributes{}), "copy");
    testing::expect_same_bits(
        one_input(OpCode::REVERSE_V2, type, {2, 33, 17}, {{{2, 0}, {}}}, "ReverseV2Options", ops::NoAttributes{}),
        "copy");
  }
}

TEST(Copy, RearrangesBlocks) {
  for (const DType type : kTypes) {
    for (const int32_t channels : {4, 12, 20, 64}) {
      testing::expect_same_bits(one_input(OpCode::DEPTH_TO_SPACE, type, {1, 40, 33, channels}, {},
                                          "DepthToSpaceOptions", ops::DepthToSpace{2}),
                                "copy");
    }
    for (const int32_t block : {1, 2, 3, 4}) {
      const int32_t extra = (block - 17 % block) % block;
      testing::expect_same_bits(one_input(OpCode::SPACE_TO_BATCH_ND, type, {2, 17, 17, 9},
                                          {{{block, block}, {}}, {{block, extra, 0, block + extra}, {2, 2}}},
                                          "SpaceToBatchNDOptions", ops::NoAttributes{}),
                                "copy");
      testing::expect_same_bits(
          one_input(OpCode::BATCH_TO_SPACE_ND, type, {2 * block * block, 7, 5, 9},
                    {{{block, block}, {}}, {{1, 2, 0, 3}, {2, 2}}}, "BatchToSpaceNDOptions", ops::NoAttributes{}),
          "copy");
    }
  }
}

TEST(Copy, SplitsIntoPartsOfTheInputItself) {
  for (const DType type : kTypes) {
    Model model = empty_model();
    GraphBuilder g(model.graphs[0]);
    const auto axis = ints(g, "axis", {0}, {1});
    const auto x = g.input("x", type, {2, 64}, mapping_of(type));
    const auto same = g.tensor("same", type, {}, mapping_of(type));
    g.node(OpCode::REVERSE_V2, {x, ints(g, "axes", {1})}, {same}, "ReverseV2Options", ops::NoAttributes{});
    const auto a = g.tensor("a", type, {}, mapping_of(type)), b = g.tensor("b", type, {}, mapping_of(type));
    g.node(OpCode::SPLIT, {axis, same}, {a, b}, "SplitOptions", ops::Split{2});
    const auto c = g.tensor("c", type, {}, mapping_of(type));
    g.node(OpCode::REVERSE_V2, {b, ints(g, "axes2", {1})}, {c}, "ReverseV2Options", ops::NoAttributes{});
    const auto d = g.tensor("d", type, {}, mapping_of(type));
    g.node(OpCode::REVERSE_V2, {a, ints(g, "axes3", {1})}, {d}, "ReverseV2Options", ops::NoAttributes{});
    g.output(c);
    g.output(d);
    testing::expect_same_bits(model, "in_place");
  }
}

// x -> RESHAPE -> RESHAPE, both results kept long enough that others would write over them.
TEST(Copy, ReshapesInPlaceAndKeepsWhatIsReadLater) {
  Model model = empty_model();
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::float32, {4, 64});
  const auto axes = ints(g, "axes", {0});
  const auto a = g.tensor("a", DType::float32, {}), b = g.tensor("b", DType::float32, {}),
             c = g.tensor("c", DType::float32, {});
  const auto d = g.tensor("d", DType::float32, {}), e = g.tensor("e", DType::float32, {});
  g.node(OpCode::REVERSE_V2, {x, axes}, {a}, "ReverseV2Options", ops::NoAttributes{});
  g.node(OpCode::RESHAPE, {a}, {b}, "ReshapeOptions", ops::Reshape{{16, 16}});
  g.node(OpCode::REVERSE_V2, {b, axes}, {c}, "ReverseV2Options", ops::NoAttributes{});
  g.node(OpCode::REVERSE_V2, {c, axes}, {d}, "ReverseV2Options", ops::NoAttributes{});
  g.node(OpCode::CONCATENATION, {d, b}, {e}, "ConcatenationOptions", ops::Concatenation{1});
  g.output(e);
  testing::expect_same_bits(model, "in_place");
}

TEST(Copy, OutputsAreNeverInputs) {
  Model model = empty_model();
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::float32, {4, 64});
  const auto a = g.tensor("a", DType::float32, {}), b = g.tensor("b", DType::float32, {});
  g.node(OpCode::RESHAPE, {x}, {a}, "ReshapeOptions", ops::Reshape{{16, 16}});
  g.node(OpCode::RESHAPE, {a}, {b}, "ReshapeOptions", ops::Reshape{{256}});
  g.output(b);
  auto session = Session::create(model);
  ASSERT_TRUE(session) << to_string(session.error());
  EXPECT_NE((*session)->input(0).bytes.data(), (*session)->output(0).bytes.data());
  testing::expect_same_bits(model, "copy");
}

}  // namespace
}  // namespace monolite::runtime
