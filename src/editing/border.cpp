#include "editing/border.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/infer_shapes.h"
#include "passes/graph_edit.h"
#include "passes/remove_dead.h"

namespace monolite::editing {
namespace {

bool is_byte(DType t) { return t == DType::uint8 || t == DType::int8; }

class Border {
 public:
  explicit Border(Model& model) : model_(model), g_(model.main()) {}

  // Input i -> QUANTIZE -> inner: the inner tensor becomes the input.
  bool strip_input(size_t i) {
    const TensorId outer = g_.inputs[i];
    const auto readers = g_.consumers(outer);
    if (readers.size() != 1 || g_.is_output(outer)) return false;
    const auto node = static_cast<size_t>(readers[0]);
    const Node& n = g_.nodes[node];
    if (n.op != OpCode::QUANTIZE || n.outputs.size() != 1 || n.inputs.size() != 1 || g_.is_output(n.outputs[0]))
      return false;
    const TensorId inner = n.outputs[0];
    // What a file states of an inner tensor need not hold; of an input it does.
    g_.tensor(inner).shape = g_.tensor(outer).shape;
    g_.tensor(inner).shape_signature = g_.tensor(outer).shape_signature;
    become_end(outer, inner, node);
    return true;
  }

  // inner -> DEQUANTIZE or QUANTIZE -> output i: the inner tensor becomes the output.
  bool strip_output(size_t i) {
    const TensorId outer = g_.outputs[i];
    const int producer = g_.producer(outer);
    if (producer < 0 || !g_.consumers(outer).empty()) return false;
    const auto node = static_cast<size_t>(producer);
    const Node& n = g_.nodes[node];
    const bool is_cast = n.op == OpCode::DEQUANTIZE || n.op == OpCode::QUANTIZE;
    if (!is_cast || n.inputs.size() != 1 || n.inputs[0] == kNoTensor) return false;
    const TensorId inner = n.inputs[0];
    if (g_.is_input(inner) || g_.is_output(inner) || g_.tensor(inner).is_constant() ||
        !is_byte(g_.tensor(inner).dtype)) {
      return false;
    }
    become_end(outer, inner, node);
    return true;
  }

  Expected<void> set_input(size_t i, DType wanted) {
    const DType have = g_.tensor(g_.inputs[i]).dtype;
    if (have == wanted || (have != DType::float32 && !is_byte(have))) return {};
    if (g_.tensor(g_.inputs[i]).dtype != wanted) strip_input(i);
    const TensorId inner = g_.inputs[i];
    if (g_.tensor(inner).dtype == wanted) return {};
    ML_TRY(check(inner));
    const TensorId outer = outer_of(inner, wanted);
    g_.nodes.insert(g_.nodes.begin(), passes::make_node(OpCode::QUANTIZE, {outer}, {inner}, "QuantizeOptions", {}));
    replace_end(g_.inputs, inner, outer);
    for_signatures([&](Signature& s) { replace_end(s.inputs, inner, outer); });
    return {};
  }

  Expected<void> set_output(size_t i, DType wanted) {
    const DType have = g_.tensor(g_.outputs[i]).dtype;
    if (have == wanted || (have != DType::float32 && !is_byte(have))) return {};
    // Bytes that are no quantized numbers are labels.
    if (is_byte(have) && !g_.tensor(g_.outputs[i]).quantization.is_quantized()) return {};
    strip_output(i);
    const TensorId inner = g_.outputs[i];
    if (g_.tensor(inner).dtype == wanted) return {};
    ML_TRY(check(inner));
    const TensorId outer = outer_of(inner, wanted);
    const bool is_float = wanted == DType::float32;
    g_.nodes.push_back(passes::make_node(is_float ? OpCode::DEQUANTIZE : OpCode::QUANTIZE, {inner}, {outer},
                                         is_float ? "DequantizeOptions" : "QuantizeOptions", {}));
    replace_end(g_.outputs, inner, outer);
    for_signatures([&](Signature& s) { replace_end(s.outputs, inner, outer); });
    return {};
  }

 private:
  // `inner` takes the place and the name of `outer`; the node between them goes.
  void become_end(TensorId outer, TensorId inner, size_t node) {
    std::swap(g_.tensor(outer).name, g_.tensor(inner).name);
    g_.nodes.erase(g_.nodes.begin() + static_cast<std::ptrdiff_t>(node));
    replace_end(g_.inputs, outer, inner);
    replace_end(g_.outputs, outer, inner);
    for_signatures([&](Signature& s) {
      replace_end(s.inputs, outer, inner);
      replace_end(s.outputs, outer, inner);
    });
  }

  Expected<void> check(TensorId inner) const {
    const Tensor& t = g_.tensor(inner);
    if (is_byte(t.dtype) && t.quantization.scale.size() == 1) return {};
    return Unexpected(input_error(fmt::format("tensor \"{}\"", printable(t.name)),
                                  fmt::format("{} without a scale", name(t.dtype)),
                                  "quantized numbers behind the border", "quantize the model first"));
  }

  // A new end beside `inner`, which hands it its name.
  TensorId outer_of(TensorId inner, DType wanted) {
    const std::string border_name = g_.tensor(inner).name;
    g_.tensor(inner).name = passes::fresh_name(g_, border_name + "_quantized");
    Tensor t{.name = border_name, .dtype = wanted, .shape = g_.tensor(inner).shape};
    t.shape_signature = g_.tensor(inner).shape_signature;
    const Tensor& from = g_.tensor(inner);
    if (is_byte(wanted)) {
      // The same numbers, 128 apart.
      t.quantization = from.quantization;
      const int64_t zero = from.quantization.zero_point.empty() ? 0 : from.quantization.zero_point[0];
      t.quantization.zero_point = {wanted == DType::uint8 ? zero + 128 : zero - 128};
    }
    return g_.add(std::move(t));
  }

  static void replace_end(std::vector<TensorId>& ends, TensorId from, TensorId to) {
    std::replace(ends.begin(), ends.end(), from, to);
  }
  static void replace_end(std::vector<std::pair<std::string, TensorId>>& ends, TensorId from, TensorId to) {
    for (auto& end : ends) {
      if (end.second == from) end.second = to;
    }
  }
  template <class F>
  void for_signatures(F f) {
    for (Signature& s : model_.signatures) {
      if (s.graph == 0) f(s);
    }
  }

  Model& model_;
  Graph& g_;
};

}  // namespace

int strip_quantize(Model& model) {
  Border border(model);
  int stripped = 0;
  for (size_t i = 0; i < model.main().inputs.size(); ++i) stripped += border.strip_input(i) ? 1 : 0;
  for (size_t i = 0; i < model.main().outputs.size(); ++i) stripped += border.strip_output(i) ? 1 : 0;
  passes::remove_unused_tensors(model);
  return stripped;
}

Expected<void> set_border_type(Model& model, DType wanted) {
  Model changed = model;
  Border border(changed);
  for (size_t i = 0; i < changed.main().inputs.size(); ++i) ML_TRY(border.set_input(i, wanted));
  for (size_t i = 0; i < changed.main().outputs.size(); ++i) ML_TRY(border.set_output(i, wanted));
  passes::remove_unused_tensors(changed);
  ML_TRY(ops::still_infers(model, changed));
  model = std::move(changed);
  return {};
}

}  // namespace monolite::editing
