// Any op, kept as a custom one: its attributes become a FlexBuffer map, as toco writes it.

#include <flatbuffers/flexbuffers.h>

#include "convert/lowerings.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

constexpr const char* kOutputTypes = "_output_types";
constexpr size_t kMostOutputs = 256;

struct MapWriter {
  flexbuffers::Builder& to;
  const char* key;
  void operator()(bool v) const { to.Bool(key, v); }
  void operator()(int64_t v) const { to.Int(key, v); }
  void operator()(float v) const { to.Float(key, v); }
  void operator()(const std::string& v) const { to.String(key, v); }
  void operator()(const std::vector<int64_t>& v) const {
    to.Vector(key, [&] {
      for (const int64_t x : v) to.Int(x);
    });
  }
  void operator()(const std::vector<float>& v) const {
    to.Vector(key, [&] {
      for (const float x : v) to.Float(x);
    });
  }
  template <class T>
  void operator()(const T&) const {}  // types, shapes, tensors: known from the tensors themselves
};

Buffer options_of(const tf::Node& n) {
  flexbuffers::Builder builder;
  builder.Map([&] {
    for (const auto& [key, value] : n.attrs) std::visit(MapWriter{builder, key.c_str()}, value);
  });
  builder.Finish();
  return Buffer::of(std::vector<uint8_t>(builder.GetBuffer()));
}

// What TFLite_Detection_PostProcess gives: boxes, classes, scores, count.
std::vector<Shape> detection_shapes(const tf::Node& n) {
  const int64_t most = n.attr_or<int64_t>("max_detections", 0) * n.attr_or<int64_t>("max_classes_per_detection", 1);
  if (most < 0 || most > INT32_MAX / 4) return {};
  const auto rows = static_cast<int32_t>(most);
  return {{1, rows, 4}, {1, rows}, {1, rows}, {1}};
}

}  // namespace

Outputs lower_custom(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  Node node;
  node.op = OpCode::CUSTOM;
  node.custom_code = n.op;
  node.inputs = in;
  node.custom_options = options_of(n);
  std::vector<tf::DataType> types = n.attr_or<std::vector<tf::DataType>>(kOutputTypes, {});
  if (types.empty()) types.push_back(n.attr_or("T", tf::DataType::float32));
  if (types.size() > kMostOutputs) return Unexpected(node_error(n, "more than 256 outputs", "fewer"));
  std::vector<std::pair<std::string, DType>> outputs;
  for (size_t i = 0; i < types.size(); ++i) {
    ML_ASSIGN(const DType dtype, dtype_of(types[i]));
    outputs.emplace_back(i == 0 ? n.name : n.name + ":" + std::to_string(i), dtype);
  }
  const bool is_detection = n.op == "TFLite_Detection_PostProcess" && outputs.size() == 4;
  return l.emit_unknown(std::move(node), outputs, is_detection ? detection_shapes(n) : std::vector<Shape>());
}

// Known by its shape, so that what reads it can be lowered.
Outputs lower_erf(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  Node node;
  node.op = OpCode::CUSTOM;
  node.custom_code = n.op;
  node.inputs = in;
  node.custom_options = options_of(n);
  return l.emit_unknown(std::move(node), {{n.name, l.tensor(in[0]).dtype}}, {l.shape(in[0])});
}

}  // namespace monolite::conversion
