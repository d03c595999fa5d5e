#include "convert/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "base/text.h"
#include "convert/quantization_params.h"
#include "convert/quantized_ops.h"
#include "convert/uses.h"
#include "ops/infer_shapes.h"
#include "passes/graph_edit.h"
#include "quantize/symmetric_filter.h"

namespace monolite::conversion {
namespace {

constexpr size_t kNamed = 8;  // nodes named in an error

TrainedRange range_of_values(const Tensor& t) {
  TrainedRange r;
  for (const float v : passes::floats(t)) {
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
    take_activation_ranges();
    ML_TRY(expect_ranges());
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
    if (!left_in_float_.empty()) {
      std::string names;
      for (const auto& [op, count] : left_in_float_)
        names += (names.empty() ? "" : ", ") + op + (count == 1 ? "" : fmt::format(" ({}x)", count));
      lowered_.remarks.push_back(
          fmt::format("computed in float, between a DEQUANTIZE and a QUANTIZE, since no kernel "
                      "takes {}: {}",
                      name(dtype_), names));
    }
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

  // Until nothing changes: a range may reach a concatenation late, and what stands before a node that moves values
  // alone may learn its range from what stands behind.
  void propagate() {
    for (bool changed = true; changed;) {
      changed = false;
      while (propagate_forward()) changed = true;
      changed |= propagate_backward();
    }
  }

  bool propagate_forward() {
    bool changed = false;
    for (const Node& n : g_.nodes) {
      if (n.op == OpCode::CONCATENATION) {
        changed |= join(n);
      } else if (joins_values(n.op)) {
        changed |= cover(n);
      } else if (const auto own = own_range(n.op)) {
        changed |= is_float(n.outputs[0]) && ranges_.try_emplace(n.outputs[0], *own).second;
      } else if (keeps_range(n.op)) {
        changed |= copy_range(n);
      }
    }
    return changed;
  }

  bool propagate_backward() {
    bool changed = false;
    for (size_t i = g_.nodes.size(); i-- > 0;) {
      const Node& n = g_.nodes[i];
      if (!moves_all(n.op)) continue;
      const auto range = ranges_.find(n.outputs[0]);
      const TensorId in = n.inputs[data_input(n.op)];
      if (range == ranges_.end() || !is_float(in) || is_constant(in)) continue;
      const TrainedRange copy = range->second;
      changed |= ranges_.try_emplace(in, copy).second;
    }
    return changed;
  }

  // Where no range was trained or given, an activation with two ends has one. Taken where that is all that lacks: in a
  // graph that was not trained for it, the error names what lacks indeed.
  void take_activation_ranges() {
    const auto before = ranges_;
    std::string names;
    for (const Node& n : g_.nodes) {
      const auto range = activation_range(n);
      if (!range || !is_float(n.outputs[0]) || !ranges_.try_emplace(n.outputs[0], *range).second) continue;
      names += (names.empty() ? "\"" : ", \"") + printable(g_.tensor(n.outputs[0]).name) + "\"";
    }
    if (names.empty()) return;
    propagate();
    if (!expect_ranges()) {
      ranges_ = before;
      return;
    }
    lowered_.remarks.push_back("no trained range behind the activation " + names + ": its own two ends are taken");
  }

  // A range that covers those of all inputs, where none was trained.
  bool cover(const Node& n) {
    if (!is_float(n.outputs[0]) || ranges_.contains(n.outputs[0])) return false;
    TrainedRange all;
    for (const TensorId id : n.inputs) {
      const auto it = ranges_.find(id);
      if (it == ranges_.end() && !is_constant(id)) return false;
      const TrainedRange range = it != ranges_.end() ? it->second : range_of_values(g_.tensor(id));
      all.min = std::min(all.min, range.min);
      all.max = std::max(all.max, range.max);
    }
    ranges_[n.outputs[0]] = all;
    return true;
  }

  bool copy_range(const Node& n) {
    const TensorId in = n.inputs[data_input(n.op)];
    const auto it = ranges_.find(in);
    if (!is_float(in) || it == ranges_.end()) return false;
    const TrainedRange range = it->second;
    bool changed = false;
    for (const TensorId out : n.outputs) changed |= is_float(out) && ranges_.try_emplace(out, range).second;
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

  Expected<void> quantize_node(size_t index) {
    Node& n = g_.nodes[index];
    if (n.op != OpCode::CUSTOM && !has_filter(n.op) && !has_kernel(n)) {
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

  // Does a kernel compute this node on integers? Asked of the node alone, with tensors of the types that it would get.
  bool has_kernel(const Node& n) {
    Model trial;
    trial.graphs.emplace_back();
    Graph& g = trial.graphs[0];
    Node copy = n;
    const auto take = [&](TensorId& id, bool is_input) {
      if (id == kNoTensor) return;
      Tensor t = g_.tensor(id);
      const bool was_float = t.dtype == DType::float32;
      if (was_float) {
        t.dtype = dtype_;
        const ScaleAndZero q =
            is_input && keeps_values(n.op) ? ScaleAndZero{1, type_.least + 128} : trial_params(n, id);
        t.quantization = per_tensor(static_cast<float>(q.scale), q.zero_point);
        if (t.is_constant()) t.data = trial_constant(id);
      }
      const bool is_value = t.is_constant();
      id = g.add(std::move(t));
      if (is_input && !is_value) g.inputs.push_back(id);
    };
    for (TensorId& id : copy.inputs) take(id, true);
    for (TensorId& id : copy.outputs) take(id, false);
    g.outputs = copy.outputs;
    g.nodes = {std::move(copy)};
    return ops::infer_shapes(trial).result().has_value();
  }

  // Zeros in the place of a constant's values, made once for all its readers.
  const Buffer& trial_constant(TensorId id) {
    const auto [it, is_new] = trial_constants_.try_emplace(id);
    if (is_new) it->second = Buffer::of(std::vector<uint8_t>(static_cast<size_t>(g_.tensor(id).shape.elements())));
    return it->second;
  }

  ScaleAndZero trial_params(const Node& n, TensorId id) const {
    const auto own = fixed_params(n.op);
    return own && id == n.outputs[0] ? *own : ScaleAndZero{1, type_.least + 128};
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
    if (const auto fixed = fixed_params(n.op)) return *fixed;
    if (keeps_values(n.op)) {
      const auto& in = params_[static_cast<size_t>(n.inputs[data_input(n.op)])];
      if (in.is_set) return in.q;
    }
    return scale_and_zero(ranges_.at(id), type_);
  }

  // Scale and zero point that a kernel insists on.
  std::optional<ScaleAndZero> fixed_params(OpCode op) const {
    switch (op) {
      case OpCode::LOGISTIC:
      case OpCode::SOFTMAX:
        return ScaleAndZero{1.0 / 256, type_.least};
      case OpCode::TANH:
      case OpCode::L2_NORMALIZATION:
        return ScaleAndZero{1.0 / 128, type_.least + 128};
      case OpCode::LOG_SOFTMAX:
        return ScaleAndZero{16.0 / 256, type_.most};
      default:
        return {};
    }
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
  std::unordered_map<TensorId, TrainedRange> ranges_;
  const QuantizeOptions& options_;
  const QuantizedType type_;
  const DType dtype_;
  std::vector<Params> params_;
  std::unordered_map<TensorId, std::vector<double>> channel_scales_;  // of filters with a scale per channel
  std::vector<std::vector<Node>> before_, after_;                     // what is to stand around each node
  std::unordered_set<TensorId> float_only_;   // first outputs of nodes that no kernel computes on integers
  std::map<std::string, int> left_in_float_;  // their ops, for a remark
  std::unordered_map<TensorId, TensorId> quantized_constants_;
  std::unordered_map<TensorId, Buffer> trial_constants_;
};

}  // namespace

Expected<void> quantize(Lowered& lowered, std::unordered_map<TensorId, TrainedRange> ranges,
                        const QuantizeOptions& options) {
  return Quantizer(lowered, std::move(ranges), options).run();
}

}  // namespace monolite::conversion
