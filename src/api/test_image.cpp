#include "test_image.h"

#include <algorithm>

#include "convert/interpret.h"
#include "image/read.h"
#include "image/resize.h"
#include "runtime/session.h"

namespace monolite {
namespace {

constexpr const char* kPicture = "ImageTensor";

ops::Value bytes_value(const image::Image& picture) {
  return {DType::uint8, {1, picture.height, picture.width, 3}, Buffer::of(std::vector<uint8_t>(picture.rgb))};
}

// int8 counts from -128.
ops::Value signed_value(const image::Image& picture) {
  std::vector<int8_t> values;
  for (const uint8_t v : picture.rgb) values.push_back(static_cast<int8_t>(v - 128));
  return {DType::int8, {1, picture.height, picture.width, 3}, Buffer::of(std::move(values))};
}

ops::Value scaled_value(const image::Image& picture, const TestImage& test) {
  std::vector<float> values;
  for (const uint8_t v : picture.rgb) values.push_back(static_cast<float>((v - test.mean) / test.std_dev));
  return {DType::float32, {1, picture.height, picture.width, 3}, Buffer::of(std::move(values))};
}

// Element i as a number.
double element(const ops::Value& v, size_t i) {
  switch (v.dtype) {
    case DType::int64:
      return static_cast<double>(v.data.get<int64_t>(i));
    case DType::int32:
      return v.data.get<int32_t>(i);
    case DType::uint8:
      return v.data.get<uint8_t>(i);
    case DType::int8:
      return v.data.get<int8_t>(i);
    default:
      return v.data.get<float>(i);
  }
}

// The label that pixel i of an output has: the value itself, or of scores the best one's place.
int64_t label(const ops::Value& v, size_t pixel, size_t scores) {
  if (scores == 1) return static_cast<int64_t>(element(v, pixel));
  size_t best = 0;
  for (size_t c = 1; c < scores; ++c) {
    if (element(v, pixel * scores + c) > element(v, pixel * scores + best)) best = c;
  }
  return static_cast<int64_t>(best);
}

}  // namespace

Expected<double> equal_share(const tensorflow::Graph& graph, const Model& model, const TestImage& test) {
  const Graph& g = model.main();
  const Tensor& in = g.tensor(g.inputs[0]);
  if (g.inputs.size() != 1 || in.shape.rank() != 4 || in.shape[0] != 1 || in.shape[3] != 3 ||
      (in.dtype != DType::uint8 && in.dtype != DType::int8 && in.dtype != DType::float32)) {
    return Unexpected(
        input_error("--test_image_path", "a model that takes no single picture", "one input 1xHEIGHTxWIDTHx3"));
  }
  ML_ASSIGN(const image::Image original, image::read_image(test.path));
  ML_ASSIGN(const image::Image picture, image::resize_bilinear(original, in.shape[2], in.shape[1]));
  const ops::Value as_bytes = bytes_value(picture), scaled = scaled_value(picture, test);
  ML_ASSIGN(const auto session, runtime::Session::create(model));
  ML_ASSIGN(const std::vector<ops::Value> ours,
            session->run(std::vector{in.dtype == DType::uint8  ? as_bytes
                                     : in.dtype == DType::int8 ? signed_value(picture)
                                                               : scaled}));
  const bool has_picture =
      std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const auto& n) { return n.name == kPicture; });
  const conversion::Feed feed =
      has_picture ? conversion::Feed{kPicture, as_bytes} : conversion::Feed{test.input, scaled};
  ML_ASSIGN(const std::vector<ops::Value> theirs, conversion::run_graph(graph, {feed}, {test.output}));
  if (ours[0].shape != theirs[0].shape || ours[0].shape.elements() == 0) {
    return Unexpected(input_error("--test_image_path",
                                  "outputs " + to_string(ours[0].shape) + " and " + to_string(theirs[0].shape),
                                  "the same shape"));
  }
  const Shape& shape = ours[0].shape;
  const bool has_scores = theirs[0].dtype == DType::float32 && shape.rank() > 0;
  const size_t scores = has_scores ? static_cast<size_t>(shape.back(0)) : 1;
  const size_t count = static_cast<size_t>(shape.elements()) / scores;
  size_t equal = 0;
  for (size_t i = 0; i < count; ++i) equal += label(ours[0], i, scores) == label(theirs[0], i, scores) ? 1 : 0;
  return static_cast<double>(equal) / static_cast<double>(count);
}

}  // namespace monolite
