#include "convert/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "convert/quantization_params.h"
#include "convert/uses.h"
#include "quantize/symmetric_filter.h"

namespace monolite::conversion {
namespace {

constexpr size_t kNamed = 8;  // nodes named in an error

// Ops whose output has the values of their first input, or means of them: it has their range too.
bool keeps_range(OpCode op) {
  switch (op) {
    case OpCode::AVERAGE_POOL_2D:
    case OpCode::MAX_POOL_2D:
    case OpCode::RESIZE_BILINEAR:
    case OpCode::RESIZE_NEAREST_NEIGHBOR:
    case OpCode::RESHAPE:
    case OpCode::SQUEEZE:
    case OpCode::EXPAND_DIMS:
    case OpCode::SLICE:
    case OpCode::STRIDED_SLICE:
    case OpCode::PAD:
    case OpCode::PADV2:
    case OpCode::GATHER:
    case OpCode::TRANSPOSE:
    case OpCode::MEAN:
    case OpCode::SPACE_TO_BATCH_ND:
    case OpCode::BATCH_TO_SPACE_ND:
    case OpCode::DEPTH_TO_SPACE:
    case OpCode::SPACE_TO_DEPTH:
    case OpCode::TILE:
    case OpCode::REVERSE_V2:
    case OpCode::MIRROR_PAD:
    case OpCode::REDUCE_MAX:
    case OpCode::REDUCE_MIN:
      return true;
    default:
      return false;
  }
}

// Ops that move quantized values as they are: scale and zero point must be the input's own.
bool keeps_values(OpCode op) {
  switch (op) {
    case OpCode::RESHAPE:
    case OpCode::DEPTH_TO_SPACE:
    case OpCode::SPACE_TO_DEPTH:
    case OpCode::SPLIT:
    case OpCode::SQUEEZE:
    case OpCode::EXPAND_DIMS:
    case OpCode::TRANSPOSE:
    case OpCode::SLICE:
    case OpCode::STRIDED_SLICE:
    case OpCode::GATHER:
    case OpCode::RELU:
    case OpCode::RELU6:
    case OpCode::SPACE_TO_BATCH_ND:
    case OpCode::BATCH_TO_SPACE_ND:
    case OpCode::TILE:
    case OpCode::REVERSE_V2:
      return true;
    default:
      return false;
  }
}

size_t data_input(OpCode op) { return op == OpCode::SPLIT ? 1 : 0; }

bool has_filter(OpCode op) {
  return op == OpCode::CONV_2D || op == OpCode::DEPTHWISE_CONV_2D || op == OpCode::FULLY_CONNECTED;
}

std::vector<float> floats(const Tensor& t) {
  std::vector<float> values(t.data.size_bytes() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), t.data.data(), t.data.size_bytes());
  return values;
}

TrainedRange range_of_values(const Tensor& t) {
  TrainedRange r;
  for (const float v : floats(t)) {
    r.min = std::min(r.min, double{v});
    r.max = std::max(r.max, double{v});
  }
  if (r.min == 0 && r.max == 0) r.max = 1;  // all zeros: any scale does
  return r;
}

class Quantizer {
 public:
  Quantizer(Lowered& lowered, std::unordered_map<TensorId, TrainedRange> ranges, const QuantizeOptions& options)
      : lowered_(lowered),
        g_(lowered.model.graphs[0]),
        ranges_(std::move(ranges)),
        options_(options),
        type_(options.int8 ? kInt8 : kUint8),
        dtype_(options.int8 ? DType::int8 : DType::uint8) {}

  Expected<void> run() {
    ranges_.insert(lowered_.constant_ranges.begin(), lowered_.constant_ranges.end());
    ML_TRY(take_input_statistics());
    propagate();
    if (options_.default_range) take_default_range();
    ML_TRY(expect_ranges());
    params_.resize(g_.tensors.size());
    for (const TensorId id : g_.inputs) {
      if (is_float(id)) set_params(id, scale_and_zero(ranges_.at(id), type_));
    }
    before_.resize(g_.nodes.size());
    for (size_t i = 0; i < g_.nodes.size(); ++i) {
      ML_TRY(quantize_node(g_.nodes[i]));
      if (g_.nodes[i].op == OpCode::CONCATENATION) requantize_inputs(i);
    }
    add_conversions();
    return {};
  }

 private:
  bool is_float(TensorId id) const { return id != kNoTensor && g_.tensor(id).dtype == DType::float32; }
  bool is_constant(TensorId id) const { return g_.tensor(id).is_constant(); }
  // Custom operators take part where they say that they do.
  static bool is_float_only(const Node& n) { return n.op == OpCode::CUSTOM && !takes_quantized(n); }
  static bool takes_quantized(const Node& n) { return n.custom_code == "TFLite_Detection_PostProcess"; }

  Expected<void> take_input_statistics() {
    for (const TensorId id : g_.inputs) {
      if (!is_float(id)) continue;
      const Tensor& t = g_.tensor(id);
      const auto it =
          std::find_if(options_.inputs.begin(), options_.inputs.end(), [&](const auto& s) { return s.name == t.name; });
      if (it == options_.inputs.end()) continue;
      const TrainedRange r{(0 - it->mean) / it->std_dev, (255 - it->mean) / it->std_dev};
      if (!std::isfinite(r.min) || !std::isfinite(r.max) || r.min > 0 || r.max <= 0) {
        return Unexpected(usage_error(fmt::format("input \"{}\"", printable(t.name)),
                                      fmt::format("mean {} and standard deviation {}", it->mean, it->std_dev),
                                      "a mean from 0 to 255, a deviation above 0: real = (value - mean) / deviation"));
      }
      ranges_[id] = r;
    }
    return {};
  }

  // Until nothing changes: a range may reach a concatenation late.
  void propagate() {
    for (bool changed = true; changed;) {
      changed = false;
      for (const Node& n : g_.nodes) {
        if (n.op == OpCode::CONCATENATION) {
          changed |= join(n);
        } else if (const auto own = own_range(n.op)) {
          changed |= is_float(n.outputs[0]) && ranges_.try_emplace(n.outputs[0], *own).second;
        } else if (keeps_range(n.op) || keeps_values(n.op)) {
          changed |= copy_range(n);
        }
      }
    }
  }

  // Ops whose result has a range of its own, whatever they get.
  static std::optional<TrainedRange> own_range(OpCode op) {
    switch (op) {
      case OpCode::LOGISTIC:
      case OpCode::SOFTMAX:
        return TrainedRange{0, 255.0 / 256};
      case OpCode::TANH:
        return TrainedRange{-1, 127.0 / 128};
      case OpCode::LOG_SOFTMAX:
        return TrainedRange{-16.0 * 255 / 256, 0};
      case OpCode::L2_NORMALIZATION:
        return TrainedRange{-1, 127.0 / 128};
      default:
        return {};
    }
  }

  bool copy_range(const Node& n) {
    const TensorId in = n.inputs[data_input(n.op)];
    const auto it = ranges_.find(in);
    if (!is_float(in) || it == ranges_.end()) return false;
    const TrainedRange range = it->second;
    bool changed = false;
    for (const TensorId out : n.outputs) changed |= ranges_.try_emplace(out, range).second;
    return changed;
  }

  // A concatenation's range covers those of its inputs and its own. Its inputs keep theirs, unless asked otherwise: so
  // toco left it by default, and its kernel rescales.
  bool join(const Node& n) {
    if (!is_float(n.outputs[0])) return false;
    TrainedRange all{HUGE_VAL, -HUGE_VAL};
    const auto merge = [&](TensorId id) {
      const auto it = ranges_.find(id);
      if (it == ranges_.end()) return;
      all.min = std::min(all.min, it->second.min);
      all.max = std::max(all.max, it->second.max);
    };
    for (const TensorId id : n.inputs) merge(id);
    merge(n.outputs[0]);
    if (all.min > all.max) return false;
    bool changed = set_range(n.outputs[0], all);
    if (!options_.change_concat_input_ranges) return changed;
    for (const TensorId id : n.inputs) changed |= set_range(id, all);
    return changed;
  }

  bool set_range(TensorId id, const TrainedRange& range) {
    TrainedRange& own = ranges_[id];
    if (own.min == range.min && own.max == range.max) return false;
    own.min = range.min;
    own.max = range.max;
    return true;
  }

  void take_default_range() {
    const TrainedRange range{options_.default_range->first, options_.default_range->second};
    for (const TensorId id : g_.inputs) {
      if (is_float(id)) ranges_.try_emplace(id, range);
    }
    for (const Node& n : g_.nodes) {
      if (n.op == OpCode::CUSTOM) continue;
      for (const TensorId id : n.outputs) {
        if (is_float(id)) ranges_.try_emplace(id, range);
      }
    }
  }

  Expected<void> expect_ranges() const {
    std::string names;
    size_t count = 0;
    const auto miss = [&](TensorId id) {
      if (!is_float(id) || is_constant(id) || ranges_.contains(id)) return;
      if (count++ < kNamed) names += (names.empty() ? "\"" : ", \"") + printable(g_.tensor(id).name) + "\"";
    };
    for (const TensorId id : g_.inputs) miss(id);
    for (const Node& n : g_.nodes) {
      if (n.op == OpCode::CUSTOM) continue;
      for (const TensorId id : n.outputs) miss(id);
    }
    if (count == 0) return {};
    if (count > kNamed) names += fmt::format(" and {} more", count - kNamed);
    const bool lacks_input = std::any_of(g_.inputs.begin(), g_.inputs.end(),
                                         [&](TensorId id) { return is_float(id) && !ranges_.contains(id); });
    const std::string about_inputs =
        lacks_input ? ". An input takes --mean_values=127.5 --std_dev_values=127.5, or what it was trained with" : "";
    return Unexpected(
        input_error("quantization", fmt::format("no range (MinMax) for {}", names),
                    "a range for every activation: FakeQuant nodes, or input statistics for an input",
                    "one of: --calibration DIR takes them from pictures, with INT8 or QUANTIZED_UINT8; export with "
                    "--quantize_delay_step=0 from a checkpoint trained with quantization; --default_ranges_min=0 "
                    "--default_ranges_max=6 for a file that shows speed only; or stay with --inference_type=FLOAT" +
                        about_inputs));
  }

  struct Params {
    ScaleAndZero q;
    bool is_set = false;
  };

  void set_params(TensorId id, const ScaleAndZero& q) { params_[static_cast<size_t>(id)] = {q, true}; }

  Expected<void> quantize_node(Node& n) {
    if (is_float_only(n)) return {};
    for (size_t i = 0; i < n.inputs.size(); ++i) {
      const TensorId id = n.inputs[i];
      if (!is_float(id) || !is_constant(id)) continue;
      const bool is_bias = has_filter(n.op) && i == 2, is_filter = has_filter(n.op) && i == 1;
      if (!is_filter || !options_.int8) ML_TRY(expect_one_range(id));
      n.inputs[i] = is_bias                      ? quantized_bias(n)
                    : is_filter && options_.int8 ? quantized_filter(n)
                                                 : quantized_constant(id);
    }
    if (n.op == OpCode::CUSTOM) return {};
    for (const TensorId id : n.outputs) {
      if (is_float(id)) set_params(id, output_params(n, id));
    }
    drop_idle_activation(n);
    return {};
  }

  Expected<void> expect_one_range(TensorId id) const {
    const auto range = ranges_.find(id);
    if (range == ranges_.end() || range->second.steps.empty()) return {};
    return Unexpected(input_error("\"" + printable(g_.tensor(id).name) + "\"", "trained ranges for each channel",
                                  "one range a tensor, which is all that uint8 has", "--inference_type=INT8"));
  }

  ScaleAndZero output_params(const Node& n, TensorId id) const {
    if (n.op == OpCode::LOGISTIC || n.op == OpCode::SOFTMAX) return {1.0 / 256, type_.least};
    if (n.op == OpCode::TANH) return {1.0 / 128, type_.least + 128};
    if (n.op == OpCode::LOG_SOFTMAX) return {16.0 / 256, type_.most};
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

  TensorId quantized_constant(TensorId id) {
    if (const auto done = quantized_constants_.find(id); done != quantized_constants_.end()) return done->second;
    const auto it = ranges_.find(id);
    const TrainedRange range = it != ranges_.end() ? it->second : range_of_values(g_.tensor(id));
    const ScaleAndZero q = scale_and_zero(range, type_);
    const double inverse = 1.0 / q.scale, least = type_.least + (range.narrow ? 1 : 0), most = type_.most;
    const std::vector<float> values = floats(g_.tensor(id));
    std::vector<uint8_t> quantized(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double v = std::round(q.zero_point + inverse * double{values[i]});
      quantized[i] = static_cast<uint8_t>(static_cast<int>(v >= most ? most : v >= least ? v : least));
    }
    const TensorId made = add_like(id, dtype_, Buffer::of(std::move(quantized)), q, range);
    quantized_constants_[id] = made;
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
    const ScaleAndZero in = params_[static_cast<size_t>(n.inputs[0])].q;
    std::vector<double> scales{params_[static_cast<size_t>(n.inputs[1])].q.scale};
    if (const auto it = channel_scales_.find(n.inputs[1]); it != channel_scales_.end()) scales = it->second;
    for (double& s : scales) s *= in.scale;
    const std::vector<float> values = floats(g_.tensor(n.inputs[2]));
    std::vector<int32_t> quantized(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double v = std::round(1.0 / scales[scales.size() == 1 ? 0 : i] * double{values[i]});
      quantized[i] = static_cast<int32_t>(v >= INT32_MAX   ? INT32_MAX
                                          : v >= INT32_MIN ? v
                                          : v < INT32_MIN  ? INT32_MIN
                                                           : 0);
    }
    const TensorId made = add_like(n.inputs[2], DType::int32, Buffer::of(std::move(quantized)), {scales[0], 0}, {});
    if (scales.size() > 1) set_channel_scales(made, scales, 0);
    return made;
  }

  // A concatenation copies values: where an input has another scale, a QUANTIZE before it converts.
  void requantize_inputs(size_t node) {
    if (!options_.int8 && !options_.requantize_concat_inputs) return;
    const Params to = params_[static_cast<size_t>(g_.nodes[node].outputs[0])];
    for (TensorId& id : g_.nodes[node].inputs) {
      const Params from = params_[static_cast<size_t>(id)];
      if (!from.is_set || is_constant(id)) continue;
      if (from.q.scale == to.q.scale && from.q.zero_point == to.q.zero_point) continue;
      Tensor t;
      t.name = g_.tensor(id).name + "_requantized";
      t.shape = g_.tensor(id).shape;
      const TensorId made = g_.add(std::move(t));
      params_.push_back(to);
      before_[node].push_back(conversion(OpCode::QUANTIZE, id, made));
      id = made;
    }
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
      Tensor real;
      real.name = g_.tensor(id).name;
      real.shape = g_.tensor(id).shape;
      g_.tensor(id).name += "_quantized";
      const TensorId quantized = id;
      id = g_.add(std::move(real));
      params_.emplace_back();
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
          Tensor real;
          real.name = g_.tensor(id).name + "_dequantized";
          real.shape = g_.tensor(id).shape;
          const TensorId made = g_.add(std::move(real));
          params_.emplace_back();
          nodes.push_back(conversion(OpCode::DEQUANTIZE, id, made));
          id = made;
        }
      }
      nodes.push_back(std::move(n));
    }
    g_.nodes = std::move(nodes);
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
  std::unordered_map<TensorId, TrainedRange> ranges_;
  const QuantizeOptions& options_;
  const QuantizedType type_;
  const DType dtype_;
  std::vector<Params> params_;
  std::unordered_map<TensorId, std::vector<double>> channel_scales_;  // of filters with a scale per channel
  std::vector<std::vector<Node>> before_;                             // what is to stand before each node
  std::unordered_map<TensorId, TensorId> quantized_constants_;
};

}  // namespace

Expected<void> quantize(Lowered& lowered, std::unordered_map<TensorId, TrainedRange> ranges,
                        const QuantizeOptions& options) {
  return Quantizer(lowered, std::move(ranges), options).run();
}

}  // namespace monolite::conversion
