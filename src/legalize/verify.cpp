#include "legalize/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "legalize/merge.h"
#include "ops/infer_shapes.h"
#include "ops/limits.h"

namespace monolite::legalize {
namespace {

template <class T>
void compare(const ops::Value& a, const ops::Value& b, OutputDifference& into) {
  const auto count = a.data.size_bytes() / sizeof(T);
  for (size_t i = 0; i < count; ++i) {
    const auto x = a.data.get<T>(i), y = b.data.get<T>(i);
    if (x == y) continue;
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
    }
    ++into.differing;
    into.largest = std::max(into.largest, std::abs(static_cast<double>(x) - static_cast<double>(y)));
  }
  into.elements += static_cast<int64_t>(count);
}

Expected<void> compare_values(const ops::Value& a, const ops::Value& b, OutputDifference& into) {
  if (a.shape != b.shape) {
    return Unexpected(input_error("output \"" + into.name + "\"", "shape " + to_string(b.shape), to_string(a.shape)));
  }
  switch (a.dtype) {
    case DType::float32:
      compare<float>(a, b, into);
      break;
    case DType::float64:
      compare<double>(a, b, into);
      break;
    case DType::uint8:
      compare<uint8_t>(a, b, into);
      break;
    case DType::int8:
      compare<int8_t>(a, b, into);
      break;
    case DType::boolean:
      compare<uint8_t>(a, b, into);
      break;
    case DType::int16:
      compare<int16_t>(a, b, into);
      break;
    case DType::uint16:
      compare<uint16_t>(a, b, into);
      break;
    case DType::int32:
      compare<int32_t>(a, b, into);
      break;
    case DType::uint32:
      compare<uint32_t>(a, b, into);
      break;
    case DType::int64:
      compare<int64_t>(a, b, into);
      break;
    default:
      return Unexpected(input_error("output \"" + into.name + "\"", std::string(name(a.dtype)), "a type of numbers",
                                    "this output cannot be compared"));
  }
  return {};
}

// Both models in one; its outputs are first those of `before`, then those of `after`.
Expected<Model> merge(const Model& before, const Model& after) {
  const Graph &a = before.main(), &b = after.main();
  if (a.inputs.size() != b.inputs.size() || a.outputs.size() != b.outputs.size()) {
    return Unexpected(input_error("the two models",
                                  fmt::format("{} inputs and {} outputs", b.inputs.size(), b.outputs.size()),
                                  fmt::format("{} and {}, as the first has", a.inputs.size(), a.outputs.size())));
  }
  Merger merger;
  std::vector<TensorId> inputs, converted;
  for (const TensorId id : a.inputs) inputs.push_back(merger.add_input(a.tensor(id)));
  for (size_t i = 0; i < inputs.size(); ++i) converted.push_back(merger.convert(inputs[i], b.tensor(b.inputs[i])));
  ML_ASSIGN(std::vector<TensorId> outputs, merger.add(before, inputs));
  ML_ASSIGN(const std::vector<TensorId> others, merger.add(after, converted));
  for (size_t i = 0; i < others.size(); ++i) outputs.push_back(merger.convert(others[i], a.tensor(a.outputs[i])));
  merger.graph().outputs = std::move(outputs);
  return merger.take();
}

// A smooth surface over height and width with noise on it, in 0..1: more like a picture than noise alone.
class Surface {
 public:
  explicit Surface(uint32_t seed) : random_(seed) {
    for (double& g : grid_) g = unit_(random_);
  }
  double at(double y, double x, int32_t channel) {
    const double gy = y * (kSize - 2), gx = x * (kSize - 2);
    const int iy = static_cast<int>(gy), ix = static_cast<int>(gx);
    const double fy = gy - iy, fx = gx - ix;
    const auto corner = [&](int dy, int dx) {
      return grid_[static_cast<size_t>(((iy + dy) * kSize + ix + dx) * kChannels + channel % kChannels)];
    };
    const double smooth =
        (corner(0, 0) * (1 - fx) + corner(0, 1) * fx) * (1 - fy) + (corner(1, 0) * (1 - fx) + corner(1, 1) * fx) * fy;
    return std::clamp(0.9 * smooth + 0.1 * unit_(random_), 0.0, 1.0);
  }

 private:
  static constexpr int kSize = 10, kChannels = 3;
  std::mt19937 random_;
  std::uniform_real_distribution<double> unit_{0.0, 1.0};
  double grid_[kSize * kSize * kChannels];
};

template <class T>
Buffer fill(const Shape& shape, uint32_t seed, double least, double most) {
  Surface surface(seed);
  const bool is_picture = shape.rank() == 4;
  const int32_t height = is_picture ? shape[1] : 1, channels = shape.rank() > 0 ? shape.back(0) : 1;
  const int32_t width = is_picture ? shape[2] : shape.rank() > 1 ? shape.back(1) : 1;
  std::vector<T> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto pixel = static_cast<int64_t>(i) / std::max(channels, 1);
    const double y = static_cast<double>(pixel / std::max(width, 1) % std::max(height, 1)) / height;
    const double x = static_cast<double>(pixel % std::max(width, 1)) / width;
    const double unit = surface.at(y, x, static_cast<int32_t>(static_cast<int64_t>(i) % std::max(channels, 1)));
    const double value = least + unit * (most - least);
    values[i] = static_cast<T>(std::is_integral_v<T> ? std::lround(value) : value);
  }
  return Buffer::of(std::move(values));
}

Expected<Buffer> elements(DType dtype, const Shape& shape, uint32_t seed) {
  switch (dtype) {
    case DType::float32:
      return fill<float>(shape, seed, -1, 1);
    case DType::uint8:
      return fill<uint8_t>(shape, seed, 0, 255);
    case DType::int8:
      return fill<int8_t>(shape, seed, -128, 127);
    case DType::int16:
      return fill<int16_t>(shape, seed, -32768, 32767);
    case DType::int32:
      return fill<int32_t>(shape, seed, 0, 1);
    case DType::int64:
      return fill<int64_t>(shape, seed, 0, 1);
    case DType::boolean:
      return fill<uint8_t>(shape, seed, 0, 1);
    default:
      return Unexpected(input_error("input", std::string(name(dtype)), "a type that inputs can be made up for",
                                    "give inputs with --verify"));
  }
}

}  // namespace

bool Verification::is_identical() const {
  return std::all_of(outputs.begin(), outputs.end(), [](const OutputDifference& o) { return o.differing == 0; });
}

double Verification::largest_steps() const {
  double largest = 0;
  for (const OutputDifference& o : outputs) {
    if (!o.is_label) largest = std::max(largest, o.largest);
  }
  return largest;
}

Expected<Runner> reference_runner(const Model& model) {
  auto evaluator = std::make_shared<ops::Evaluator>(model);
  return Runner([evaluator](std::span<const ops::Value> inputs) {
    evaluator->reset_variables();
    return evaluator->invoke(inputs);
  });
}

Expected<Verification> verify(const Model& before, const Model& after, std::span<const std::vector<ops::Value>> inputs,
                              const MakeRunner& make_runner) {
  ML_ASSIGN(const Model both, merge(before, after));
  ML_ASSIGN(const Runner runner, make_runner(both));
  Verification result;
  const Graph& g = before.main();
  for (const TensorId id : g.outputs) {
    const Tensor& t = g.tensor(id);
    const bool is_label = is_integer(t.dtype) && !t.quantization.is_quantized();
    result.outputs.push_back({.name = t.name, .is_label = is_label});
  }
  for (const std::vector<ops::Value>& values : inputs) {
    ML_ASSIGN(const std::vector<ops::Value> got, runner(values));
    const size_t count = g.outputs.size();
    for (size_t i = 0; i < count; ++i) ML_TRY(compare_values(got[i], got[count + i], result.outputs[i]));
    ++result.inputs;
  }
  return result;
}

Expected<std::vector<ops::Value>> generate_inputs(const Model& model, uint32_t seed) {
  std::vector<ops::Value> values;
  for (const TensorId id : model.main().inputs) {
    const Tensor& t = model.main().tensor(id);
    const auto count = t.shape.checked_elements();
    if (!t.shape.is_valid() || !count || *count > ops::kMostTensorBytes / 8) {
      return Unexpected(input_error("input \"" + t.name + "\"", "shape " + to_string(t.shape), "a fixed shape",
                                    "give inputs with --verify"));
    }
    ML_ASSIGN(Buffer data, elements(t.dtype, t.shape, seed++));
    values.push_back({t.dtype, t.shape, std::move(data)});
  }
  return values;
}

}  // namespace monolite::legalize
