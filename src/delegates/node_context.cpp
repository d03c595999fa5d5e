#include "delegates/node_context.h"

namespace monolite::delegates {
namespace {

template <class T>
std::optional<std::vector<int64_t>> values_of(const Buffer& data) {
  std::vector<int64_t> values(data.size_bytes() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) values[i] = data.get<T>(i);
  return values;
}

const Tensor& absent() {
  static const Tensor tensor{.dtype = DType::variant};
  return tensor;
}

}  // namespace

int64_t NodeContext::attribute(std::string_view name, int64_t if_absent) const {
  const AttributeValue* value = node().attributes.find(name);
  if (value == nullptr) return if_absent;
  if (const auto* i = std::get_if<int64_t>(value)) return *i;
  if (const auto* b = std::get_if<bool>(value)) return *b ? 1 : 0;
  return if_absent;
}

double NodeContext::real_attribute(std::string_view name, double if_absent) const {
  const AttributeValue* value = node().attributes.find(name);
  const auto* real = value == nullptr ? nullptr : std::get_if<double>(value);
  return real == nullptr ? if_absent : *real;
}

bool NodeContext::flag(std::string_view name) const { return attribute(name) != 0; }

std::vector<int64_t> NodeContext::list_attribute(std::string_view name) const {
  const AttributeValue* value = node().attributes.find(name);
  const auto* list = value == nullptr ? nullptr : std::get_if<std::vector<int64_t>>(value);
  return list == nullptr ? std::vector<int64_t>{} : *list;
}

TensorId NodeContext::input_id(int i) const {
  if (i < 0 || i >= input_count()) return kNoTensor;
  const TensorId id = node().inputs[static_cast<size_t>(i)];
  return id != kNoTensor && through_float16_ ? graph_->behind_float16(id) : id;
}

TensorId NodeContext::output_id(int i) const {
  return i < 0 || i >= output_count() ? kNoTensor : node().outputs[static_cast<size_t>(i)];
}

const Tensor& NodeContext::tensor(TensorId id) const { return id == kNoTensor ? absent() : graph_->graph().tensor(id); }

const Shape& NodeContext::shape_of(TensorId id) const {
  if (id == kNoTensor) return absent().shape;
  return shapes_ == Shapes::file ? graph_->graph().tensor(id).shape : graph_->propagated_shape(id);
}

std::optional<std::vector<int64_t>> NodeContext::ints(int i) const {
  if (!is_constant(i)) return std::nullopt;
  if (dtype(i) == DType::int32) return values_of<int32_t>(input(i).data);
  if (dtype(i) == DType::int64) return values_of<int64_t>(input(i).data);
  return std::nullopt;
}

float NodeContext::scale(const Tensor& t) { return t.quantization.scale.size() == 1 ? t.quantization.scale[0] : 0.0f; }

int64_t NodeContext::zero_point(const Tensor& t) {
  return t.quantization.zero_point.size() == 1 ? t.quantization.zero_point[0] : 0;
}

bool NodeContext::same_scale(const Tensor& a, const Tensor& b) {
  return scale(a) == scale(b) && zero_point(a) == zero_point(b);
}

}  // namespace monolite::delegates
