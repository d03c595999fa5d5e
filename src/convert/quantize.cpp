#include "convert/quantize.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "convert/integer_kernels.h"
#include "convert/quantization_params.h"
#include "convert/quantized_ops.h"
#include "convert/spread_ranges.h"
#include "passes/graph_edit.h"
#include "quantize/symmetric_filter.h"

namespace monolite::conversion {
namespace {

class Quantizer {
 public:
  Quantizer(Lowered& lowered, const Ranges& ranges, const QuantizeOptions& options)
      : lowered_(lowered),
        g_(lowered.model.graphs[0]),
        ranges_(ranges),
        options_(options),
        type_(options.int8 ? kInt8 : kUint8),
        dtype_(options.int8 ? DType::int8 : DType::uint8),
        kernels_(g_, dtype_, type_) {}

  Expected<void> run() {
    params_.resize(g_.tensors.size());
    for (const TensorId id : g_.inputs) {
      if (is_float(id)) set_params(id, scale_and_zero(ranges_.at(id), type_));
    }
    before_.resize(g_.nodes.size());
    after_.resize(g_.nodes.size());
    for (size_t i = 0; i < g_.nodes.size(); ++i) {
      ML_TRY(quantize_node(i));
      if (g_.nodes[i].op == OpCode::CONCATENATION && (options_.int8 || options_.requantize_concat_inputs))
        requantize_inputs(i);
      if (joins_values(g_.nodes[i].op) && !is_float_only(g_.nodes[i])) requantize_inputs(i);
    }
    add_conversions();
    if (!left_in_float_.empty()) remark_left_in_float();
    return {};
  }

 private:
  bool is_float(TensorId id) const { return id != kNoTensor && g_.tensor(id).dtype == DType::float32; }
  bool is_constant(TensorId id) const { return g_.tensor(id).is_constant(); }
  // Custom operators take part where they say that they do; others where a kernel takes the type.
  bool is_float_only(const Node& n) const {
    return n.op == OpCode::CUSTOM ? !takes_quantized(n) : !n.outputs.empty() && float_only_.contains(n.outputs[0]);
  }
  static bool takes_quantized(const Node& n) { return n.custom_code == "TFLite_Detection_PostProcess"; }

  void remark_left_in_float() {
    std::string names;
    for (const auto& [op, count] : left_in_float_)
      names += (names.empty() ? "" : ", ") + op + (count == 1 ? "" : fmt::format(" ({}x)", count));
    lowered_.remarks.push_back(fmt::format(
        "computed in float, between a DEQUANTIZE and a QUANTIZE, since no kernel takes {}: {}", name(dtype_), names));
  }

  struct Params {
    ScaleAndZero q;
    bool is_set = false;
  };

  void set_params(TensorId id, const ScaleAndZero& q) { params_[static_cast<size_t>(id)] = {q, true}; }

  Expected<void> quantize_node(size_t index) {
    Node& n = g_.nodes[index];
    if (n.op != OpCode::CUSTOM && !has_filter(n.op) && !kernels_.has(n)) {
      float_only_.insert(n.outputs[0]);
      ++left_in_float_[op_name(n)];
    }
    if (is_float_only(n)) {
      for (const TensorId id : n.outputs) {
        if (n.op != OpCode::CUSTOM && is_float(id)) set_params(id, scale_and_zero(ranges_.at(id), type_));
      }
      return {};
    }
    for (size_t i = 0; i < n.inputs.size(); ++i) {
      const TensorId id = n.inputs[i];
      if (!is_float(id) || !is_constant(id)) continue;
      const bool is_bias = has_filter(n.op) && i == bias_input(n.op), is_filter = has_filter(n.op) && i == 1;
      if (!is_filter || !options_.int8) ML_TRY(expect_one_range(id));
      n.inputs[i] = is_bias                      ? quantized_bias(n)
                    : is_filter && options_.int8 ? quantized_filter(n)
                                                 : quantized_constant(id, constant_params(n));
    }
    if (n.op == OpCode::CUSTOM) return {};
    for (TensorId& id : n.outputs) {
      if (!is_float(id)) continue;
      const ScaleAndZero q = output_params(n, id);
      set_params(id, q);
      if (keeps_values(n.op)) id = requantized_output(index, id);
    }
    drop_idle_activation(n);
    return {};
  }

  // What a constant that is neither filter nor bias is quantized with, where its own range has no say.
  std::optional<ScaleAndZero> constant_params(const Node& n) const {
    if (joins_values(n.op)) return scale_and_zero(ranges_.at(n.outputs[0]), type_);
    if (n.op == OpCode::PADV2) return params_[static_cast<size_t>(n.inputs[0])].q;
    return {};
  }

  // The tensor that node `index` writes instead of `id`, where it hands on its input's values and `id` has a range of
  // its own: a QUANTIZE brings them into it.
  TensorId requantized_output(size_t index, TensorId id) {
    const auto& in = params_[static_cast<size_t>(g_.nodes[index].inputs[data_input(g_.nodes[index].op)])];
    const ScaleAndZero own = scale_and_zero(ranges_.at(id), type_);
    if (!in.is_set || (in.q.scale == own.scale && in.q.zero_point == own.zero_point)) return id;
    const TensorId made = add_twin(id, "_as_computed", in);
    set_params(id, own);
    after_[index].push_back(conversion(OpCode::QUANTIZE, made, id));
    return made;
  }

  Expected<void> expect_one_range(TensorId id) const {
    const auto range = ranges_.find(id);
    if (range == ranges_.end() || range->second.steps.empty() || range->second.is_of_folded) return {};
    return Unexpected(input_error("\"" + printable(g_.tensor(id).name) + "\"", "trained ranges for each channel",
                                  "one range a tensor, which is all that uint8 has", "--inference_type=INT8"));
  }

  ScaleAndZero output_params(const Node& n, TensorId id) const {
    if (const auto fixed = fixed_params(n.op, type_)) return *fixed;
    if (keeps_values(n.op)) {
      const auto& in = params_[static_cast<size_t>(n.inputs[data_input(n.op)])];
      if (in.is_set) return in.q;
    }
    return scale_and_zero(ranges_.at(id), type_);
  }

  // A clamp that the output's own range already is.
  void drop_idle_activation(Node& n) {
    const AttributeValue* v = n.attributes.find("fused_activation_function");
    if (v == nullptr || !params_[static_cast<size_t>(n.outputs[0])].is_set) return;
    const ScaleAndZero& q = params_[static_cast<size_t>(n.outputs[0])].q;
    const int64_t activation = std::get<int64_t>(*v);
    const auto scale = static_cast<float>(q.scale);
    const auto at = [&](float real) { return q.zero_point + static_cast<int32_t>(std::round(real / scale)); };
    const bool cuts_nothing_below = q.zero_point <= type_.least;
    const bool idle = (activation == 1 && cuts_nothing_below) ||
                      (activation == 3 && cuts_nothing_below && at(6.0f) >= type_.most) ||
                      (activation == 2 && at(-1.0f) <= type_.least && at(1.0f) >= type_.most);
    if (idle) n.attributes.set("fused_activation_function", int64_t{0});
  }

  // A constant of its own range, or with `wanted`.
  TensorId quantized_constant(TensorId id, const std::optional<ScaleAndZero>& wanted) {
    const auto done = quantized_constants_.find(id);
    if (!wanted && done != quantized_constants_.end()) return done->second;
    const auto it = ranges_.find(id);
    const bool has_range = it != ranges_.end() && !it->second.is_of_folded;
    const TrainedRange range = wanted ? TrainedRange() : has_range ? it->second : range_of_values(g_.tensor(id));
    const ScaleAndZero q = wanted ? *wanted : scale_and_zero(range, type_);
    const double inverse = 1.0 / q.scale, least = type_.least + (range.narrow ? 1 : 0), most = type_.most;
    const std::vector<float> values = passes::floats(g_.tensor(id));
    std::vector<uint8_t> quantized(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double v = std::round(q.zero_point + inverse * double{values[i]});
      quantized[i] = static_cast<uint8_t>(static_cast<int>(v >= most ? most : v >= least ? v : least));
    }
    const TensorId made = add_like(id, dtype_, Buffer::of(std::move(quantized)), q, range);
    if (!wanted) quantized_constants_[id] = made;
    return made;
  }

  // An int8 filter has zero point 0 and a scale per channel.
  TensorId quantized_filter(const Node& n) {
    std::vector<double> steps;
    if (const auto trained = ranges_.find(n.inputs[1]); trained != ranges_.end()) {
      steps = trained->second.steps;
      if (steps.empty()) steps = {scale_and_zero(trained->second, kUint8).scale};
    }
    quantize::SymmetricFilter filter = quantize::symmetric_filter(n.op, g_.tensor(n.inputs[1]), steps);
    const TensorId made =
        add_like(n.inputs[1], DType::int8, Buffer::of(std::move(filter.values)), {filter.scales[0], 0}, {});
    set_channel_scales(made, filter.scales, filter.dimension);
    return made;
  }

  void set_channel_scales(TensorId id, const std::vector<double>& scales, int dimension) {
    g_.tensor(id).quantization = quantize::channel_quantization(scales, dimension);
    channel_scales_[id] = scales;
  }

  TensorId quantized_bias(const Node& n) {
    const TensorId bias = n.inputs[bias_input(n.op)];
    const ScaleAndZero in = params_[static_cast<size_t>(n.inputs[data_input(n.op)])].q;
    std::vector<double> scales{params_[static_cast<size_t>(n.inputs[1])].q.scale};
    if (const auto it = channel_scales_.find(n.inputs[1]); it != channel_scales_.end()) scales = it->second;
    for (double& s : scales) s *= in.scale;
    const std::vector<float> values = passes::floats(g_.tensor(bias));
    std::vector<int32_t> quantized(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double v = std::round(1.0 / scales[scales.size() == 1 ? 0 : i] * double{values[i]});
      quantized[i] = static_cast<int32_t>(v >= INT32_MAX   ? INT32_MAX
                                          : v >= INT32_MIN ? v
                                          : v < INT32_MIN  ? INT32_MIN
                                                           : 0);
    }
    const TensorId made = add_like(bias, DType::int32, Buffer::of(std::move(quantized)), {scales[0], 0}, {});
    if (scales.size() > 1) set_channel_scales(made, scales, 0);
    return made;
  }

  // A node that copies or compares values: where an input has another scale, a QUANTIZE before it converts.
  void requantize_inputs(size_t node) {
    const Params to = params_[static_cast<size_t>(g_.nodes[node].outputs[0])];
    for (TensorId& id : g_.nodes[node].inputs) {
      const Params from = params_[static_cast<size_t>(id)];
      if (!from.is_set || is_constant(id)) continue;
      if (from.q.scale == to.q.scale && from.q.zero_point == to.q.zero_point) continue;
      const TensorId made = add_twin(id, "_requantized", to);
      before_[node].push_back(conversion(OpCode::QUANTIZE, id, made));
      id = made;
    }
  }

  // An activation beside another, of its shape; it stays float where it has no parameters.
  TensorId add_twin(TensorId original, const char* suffix, Params params) {
    Tensor t;
    t.name = g_.tensor(original).name + suffix;
    t.shape = g_.tensor(original).shape;
    params_.push_back(params);
    return g_.add(std::move(t));
  }

  TensorId add_like(TensorId original, DType dtype, Buffer data, const ScaleAndZero& q, const TrainedRange& range) {
    Tensor t;
    t.name = g_.tensor(original).name;
    t.shape = g_.tensor(original).shape;
    t.dtype = dtype;
    t.data = std::move(data);
    t.quantization = per_tensor(static_cast<float>(q.scale), q.zero_point);
    if (range.min != range.max) {
      t.quantization.min = {static_cast<float>(range.min)};
      t.quantization.max = {static_cast<float>(range.max)};
    }
    const TensorId id = g_.add(std::move(t));
    params_.push_back({q, true});
    return id;
  }

  void make_integer(TensorId id) {
    const ScaleAndZero& q = params_[static_cast<size_t>(id)].q;
    Tensor& t = g_.tensor(id);
    t.dtype = dtype_;
    t.quantization = per_tensor(static_cast<float>(q.scale), q.zero_point);
    t.quantization.min = {static_cast<float>((type_.least - q.zero_point) * q.scale)};
    t.quantization.max = {static_cast<float>((type_.most - q.zero_point) * q.scale)};
  }

  // Activations become integers; where float meets them (float inputs, custom operators), a node converts.
  void add_conversions() {
    std::vector<Node> nodes;
    for (TensorId& id : g_.inputs) {
      if (!is_float(id) || !options_.float_inputs) continue;
      const TensorId quantized = std::exchange(id, add_twin(id, "", {}));
      g_.tensor(quantized).name += "_quantized";
      nodes.push_back(conversion(OpCode::QUANTIZE, id, quantized));
    }
    for (size_t i = 0; i < params_.size(); ++i) {
      const auto id = static_cast<TensorId>(i);
      if (params_[i].is_set && !is_constant(id)) make_integer(id);
    }
    for (size_t i = 0; i < before_.size(); ++i) {
      Node& n = g_.nodes[i];
      for (Node& converter : before_[i]) nodes.push_back(std::move(converter));
      if (is_float_only(n)) {
        for (TensorId& id : n.inputs) {
          if (id == kNoTensor || !params_[static_cast<size_t>(id)].is_set || is_constant(id)) continue;
          const TensorId made = add_twin(id, "_dequantized", {});
          nodes.push_back(conversion(OpCode::DEQUANTIZE, id, made));
          id = made;
        }
        if (n.op != OpCode::CUSTOM) give_float_outputs(n, after_[i]);
      }
      nodes.push_back(std::move(n));
      for (Node& converter : after_[i]) nodes.push_back(std::move(converter));
    }
    g_.nodes = std::move(nodes);
  }

  // A node in float writes float tensors; QUANTIZE nodes behind it write what the others read.
  void give_float_outputs(Node& n, std::vector<Node>& behind) {
    for (TensorId& id : n.outputs) {
      if (!params_[static_cast<size_t>(id)].is_set) continue;
      const TensorId made = add_twin(id, "_in_float", {});
      behind.push_back(conversion(OpCode::QUANTIZE, made, id));
      id = made;
    }
  }

  static Node conversion(OpCode op, TensorId from, TensorId to) {
    Node n;
    n.op = op;
    n.attributes.set_table(op == OpCode::QUANTIZE ? "QuantizeOptions" : "DequantizeOptions");
    n.inputs = {from};
    n.outputs = {to};
    return n;
  }

  Lowered& lowered_;
  Graph& g_;
  const Ranges& ranges_;
  const QuantizeOptions& options_;
  const QuantizedType type_;
  const DType dtype_;
  IntegerKernels kernels_;
  std::vector<Params> params_;
  std::unordered_map<TensorId, std::vector<double>> channel_scales_;  // of filters with a scale per channel
  std::vector<std::vector<Node>> before_, after_;                     // what is to stand around each node
  std::unordered_set<TensorId> float_only_;   // first outputs of nodes that no kernel computes on integers
  std::map<std::string, int> left_in_float_;  // their ops, for a remark
  std::unordered_map<TensorId, TensorId> quantized_constants_;
};

}  // namespace

Expected<void> quantize(Lowered& lowered, Ranges ranges, const QuantizeOptions& options) {
  ML_ASSIGN(ranges, spread_ranges(lowered, std::move(ranges), options));
  return Quantizer(lowered, ranges, options).run();
}

}  // namespace monolite::conversion
