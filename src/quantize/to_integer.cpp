#include "quantize/to_integer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "ops/add.h"
#include "ops/infer_shapes.h"
#include "ops/op.h"
#include "passes/graph_edit.h"
#include "quantize/scales.h"
#include "quantize/symmetric_filter.h"

namespace monolite::quantize {
namespace {

// A bias in steps of input times filter stays below it, so that sums have room above.
constexpr double kMostBias = double{1 << 30};

template <class T>
Buffer rounded(const std::vector<float>& values, double scale, int64_t zero_point, double least, double most) {
  std::vector<T> made(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double v = std::round(double{values[i]} / scale) + static_cast<double>(zero_point);
    made[i] = static_cast<T>(v >= most ? most : v >= least ? v : least);  // NaN becomes the least
  }
  return Buffer::of(std::move(made));
}

Buffer quantized(const std::vector<float>& values, const Quantization& q, DType dtype) {
  switch (dtype) {
    case DType::int8:
      return rounded<int8_t>(values, q.scale[0], q.zero_point[0], -128, 127);
    case DType::uint8:
      return rounded<uint8_t>(values, q.scale[0], q.zero_point[0], 0, 255);
    default:
      return rounded<int16_t>(values, q.scale[0], q.zero_point[0], -32767, 32767);
  }
}

class Conversion {
 public:
  Conversion(const Model& model, const Ranges& ranges, const ToIntegerOptions& options)
      : source_(model.main()),
        ranges_(ranges),
        options_(options),
        dtype_(activation_type(options.type)),
        produced_(source_.tensors.size()),
        is_integer_(source_.tensors.size()) {
    made_.model = model;
    for (size_t i = 0; i < source_.tensors.size(); ++i) made_.origins.push_back(static_cast<TensorId>(i));
  }

  Expected<ToInteger> run() {
    for (const Node& n : source_.nodes) {
      for (const TensorId id : n.outputs) {
        if (id != kNoTensor) produced_[static_cast<size_t>(id)] = true;
      }
    }
    for (size_t i = 0; i < source_.nodes.size(); ++i) rules_.push_back(rule_of(i));
    if (made_.integer_nodes == 0) {
      return Unexpected(input_error("quantization", "no node that computes float32 and has an integer kernel",
                                    "one or more", "`monolite inspect` shows the nodes and their types"));
    }
    ML_ASSIGN(scales_, choose_scales(source_, rules_, ranges_, options_.type));
    choose_integers();
    for (size_t i = 0; i < source_.nodes.size(); ++i) {
      rules_[i].role == Role::real ? emit_real(i) : emit_integer(i);
      made_.places.push_back(nodes_.size() - 1);
    }
    take_integer_types();
    for (TensorId& id : g().inputs) set_input_type(id);
    for (TensorId& id : g().outputs) set_output_type(id);
    for (size_t& place : made_.places) place += first_.size();
    std::vector<Node> all = std::move(first_);
    for (auto* part : {&nodes_, &last_}) {
      for (Node& n : *part) all.push_back(std::move(n));
    }
    g().nodes = std::move(all);
    return std::move(made_);
  }

 private:
  Graph& g() { return made_.model.main(); }

  // What the tensors of a node must be for its integer kernel.
  OpRule rule_of(size_t index) {
    const Node& n = source_.nodes[index];
    const auto is_float = [&](TensorId id) { return id != kNoTensor && source_.tensor(id).dtype == DType::float32; };
    const bool has_float = std::any_of(n.inputs.begin(), n.inputs.end(), is_float) ||
                           std::any_of(n.outputs.begin(), n.outputs.end(), is_float);
    if (!has_float) return {};
    const auto stays = [&](const std::string& why) {
      made_.real_nodes.push_back({index, why});
      return OpRule{};
    };
    if (options_.keep_float.count(index) > 0) return stays("asked for");
    OpRule rule = op_rule(n.op, options_.type);
    if (rule.role == Role::real) return stays(fmt::format("no {} kernel", name(dtype_)));
    if (const std::string why = what_is_wrong(n, rule); !why.empty()) return stays(why);
    ++made_.integer_nodes;
    return rule;
  }

  std::string what_is_wrong(const Node& n, const OpRule& rule) const {
    if (n.outputs.empty() || n.outputs[0] == kNoTensor || n.inputs.size() <= rule.data) return "too few tensors";
    for (const auto* ids : {&n.inputs, &n.outputs}) {
      for (const TensorId id : *ids) {
        if (id == kNoTensor) continue;
        const Tensor& t = source_.tensor(id);
        if (t.is_variable) return "a variable tensor";
        if (t.sparsity) return "a sparse constant";
        if (t.quantization.is_quantized() && t.dtype != DType::float32) return "quantized already";
      }
    }
    const TensorId data = n.inputs[rule.data];
    if (data == kNoTensor || source_.tensor(data).dtype != DType::float32) return "its data is no float32";
    const bool writes_reals = source_.tensor(n.outputs[0]).dtype == DType::float32;
    if (writes_reals != (rule.role != Role::reads)) return "an output of another type";
    if (rule.role != Role::filter) return {};
    const auto filter = static_cast<size_t>(rule.filter), bias = static_cast<size_t>(rule.bias);
    if (n.inputs.size() <= filter || !is_float_constant(n.inputs[filter])) return "a filter that is computed";
    if (n.inputs.size() > bias && n.inputs[bias] != kNoTensor && !is_float_constant(n.inputs[bias]))
      return "a bias that is computed";
    const Tensor& f = source_.tensor(n.inputs[filter]);
    const auto elements = f.shape.checked_elements();
    const int rank = n.op == OpCode::FULLY_CONNECTED ? 2 : 4;
    if (f.shape.rank() != rank || !elements || *elements == 0 ||
        static_cast<size_t>(*elements) * sizeof(float) != f.data.size_bytes()) {
      return "a filter of another shape";
    }
    return {};
  }

  bool is_float_constant(TensorId id) const {
    return id != kNoTensor && source_.tensor(id).is_constant() && source_.tensor(id).dtype == DType::float32;
  }

  // Which tensors are integers where they are made: what integer nodes write, and the graph's inputs that they read.
  void choose_integers() {
    for (size_t i = 0; i < source_.nodes.size(); ++i) {
      const Node& n = source_.nodes[i];
      if (rules_[i].role == Role::real) continue;
      for (const TensorId id : n.outputs) {
        if (scaled(id)) is_integer_[static_cast<size_t>(id)] = true;
        if (scaled(id)) made_.tensors.push_back({i, id, id});
      }
      for (const TensorId id : n.inputs) {
        if (scaled(id) && source_.is_input(id) && !produced_[static_cast<size_t>(id)])
          is_integer_[static_cast<size_t>(id)] = true;
      }
    }
  }
  bool scaled(TensorId id) const { return id != kNoTensor && scales_[static_cast<size_t>(id)].has_value(); }
  bool is_integer(TensorId id) const {
    return static_cast<size_t>(id) < is_integer_.size() && is_integer_[static_cast<size_t>(id)];
  }
  const Quantization& scale(TensorId id) const { return *scales_[static_cast<size_t>(id)]; }

  void take_integer_types() {
    for (size_t i = 0; i < is_integer_.size(); ++i) {
      if (!is_integer_[i]) continue;
      Tensor& t = g().tensors[i];
      t.dtype = dtype_;
      t.quantization = *scales_[i];
    }
  }

  TensorId add(TensorId original, const std::string& suffix, DType dtype, const Quantization& q) {
    const Tensor& like = source_.tensor(original);
    Tensor t;
    t.name = like.name + suffix;
    t.shape = like.shape;
    t.shape_signature = like.shape_signature;
    t.has_rank = like.has_rank;
    t.dtype = dtype;
    t.quantization = q;
    made_.origins.push_back(original);
    return g().add(std::move(t));
  }

  Node converter(OpCode op, TensorId from, TensorId to, DType from_type) {
    ++made_.conversions;
    Node n = passes::make_node(op, {from}, {to}, op == OpCode::QUANTIZE ? "QuantizeOptions" : "DequantizeOptions",
                               passes::Options{});
    n.version = from_type == DType::int8 ? 2 : from_type == DType::int16 ? 3 : 1;
    if (op == OpCode::QUANTIZE) n.version = from_type == DType::float32 && dtype_ != DType::int16 ? 1 : 2;
    return n;
  }

  // The tensor as float32.
  TensorId real(TensorId id) {
    if (id == kNoTensor || !is_integer(id)) return id;
    const auto [it, is_new] = reals_.try_emplace(id, kNoTensor);
    if (is_new) {
      it->second = add(id, "/float", DType::float32, {});
      nodes_.push_back(converter(OpCode::DEQUANTIZE, id, it->second, dtype_));
    }
    return it->second;
  }

  // The activation as integers with this mapping.
  TensorId integers(TensorId id, const Quantization& mapping) {
    if (is_integer(id) && same_mapping(scale(id), mapping)) return id;
    for (const auto& [from, to] : converted_) {
      if (from == id && same_mapping(g().tensor(to).quantization, mapping)) return to;
    }
    const std::string suffix = is_integer(id) ? "/requantized" : "/" + std::string(name(dtype_));
    const TensorId made = add(id, suffix, dtype_, mapping);
    nodes_.push_back(converter(OpCode::QUANTIZE, id, made, is_integer(id) ? dtype_ : DType::float32));
    converted_.emplace_back(id, made);
    return made;
  }

  TensorId constant(TensorId id, const Quantization& mapping) {
    for (const auto& [from, to] : constants_) {
      if (from == id && same_mapping(g().tensor(to).quantization, mapping)) return to;
    }
    const TensorId made = add(id, "", dtype_, mapping);
    g().tensor(made).data = quantized(passes::floats(source_.tensor(id)), mapping, dtype_);
    constants_.emplace_back(id, made);
    return made;
  }

  void emit_real(size_t index) {
    Node n = source_.nodes[index];
    for (TensorId& id : n.inputs) id = real(id);
    nodes_.push_back(std::move(n));
  }

  void emit_integer(size_t index) {
    const OpRule& rule = rules_[index];
    Node n = source_.nodes[index];
    n.version = std::max(n.version, integer_version(n.op, options_.type));
    if (dtype_ == DType::int16 && (n.op == OpCode::ADD || n.op == OpCode::SUB)) {
      n.attributes.set("pot_scale_int16", false);
    }
    const bool shares = rule.role == Role::same || rule.role == Role::same_all;
    for (size_t i = 0; i < n.inputs.size(); ++i) {
      const TensorId id = n.inputs[i];
      if (id == kNoTensor || source_.tensor(id).dtype != DType::float32) continue;
      if (rule.role == Role::filter && i != rule.data) continue;  // filter and bias: below
      if (is_float_constant(id)) {
        const Quantization own = mapping_of(range_of_constant(source_.tensor(id)).value_or(Range{}), options_.type);
        n.inputs[i] = constant(id, shares ? scale(n.outputs[0]) : own);
      } else {
        n.inputs[i] = integers(id, shares ? scale(n.outputs[0]) : scale(id));
      }
    }
    if (rule.role == Role::filter) quantize_filter(n, rule);
    nodes_.push_back(std::move(n));
  }

  // Filter and bias of a node whose input is quantized.
  void quantize_filter(Node& n, const OpRule& rule) {
    const auto filter = static_cast<size_t>(rule.filter), bias = static_cast<size_t>(rule.bias);
    const double in_scale = g_quantization(n.inputs[rule.data]).scale[0];
    const bool has_bias = n.inputs.size() > bias && n.inputs[bias] != kNoTensor;
    const std::vector<float> biases = has_bias ? passes::floats(source_.tensor(n.inputs[bias])) : std::vector<float>{};
    std::vector<double> scales;
    n.inputs[filter] = options_.type == IntegerType::uint8
                           ? asymmetric(n.inputs[filter], in_scale, biases, scales)
                           : symmetric(n.op, n.inputs[filter], in_scale, biases, scales);
    ++made_.filters;
    if (has_bias) n.inputs[bias] = quantized_bias(n.inputs[bias], biases, in_scale, scales);
  }

  const Quantization& g_quantization(TensorId id) { return is_integer(id) ? scale(id) : g().tensor(id).quantization; }

  TensorId symmetric(OpCode op, TensorId id, double in_scale, const std::vector<float>& biases,
                     std::vector<double>& scales) {
    const Tensor& t = source_.tensor(id);
    const bool is_depthwise = op == OpCode::DEPTHWISE_CONV_2D, is_single = op == OpCode::FULLY_CONNECTED;
    const auto channels = static_cast<size_t>(is_single ? 1 : t.shape[is_depthwise ? 3 : 0]);
    std::vector<double> least(channels, 0.0);
    for (size_t i = 0; i < biases.size(); ++i) {
      double& l = least[std::min(i, channels - 1)];
      l = std::max(l, std::abs(double{biases[i]}) / (in_scale * kMostBias));
    }
    SymmetricFilter made = symmetric_filter(op, t, {}, least);
    const TensorId result = add(id, "", DType::int8, channel_quantization(made.scales, made.dimension));
    g().tensor(result).data = Buffer::of(std::move(made.values));
    scales = std::move(made.scales);
    return result;
  }

  // uint8: one scale, 1..255, so that no product of two extremes overflows older kernels.
  TensorId asymmetric(TensorId id, double in_scale, const std::vector<float>& biases, std::vector<double>& scales) {
    const Tensor& t = source_.tensor(id);
    Range range = range_of_constant(t).value_or(Range{}).with({0, 0});
    if (!(range.max - range.min > 0)) range = {0, 1};
    double scale = (range.max - range.min) / 254;
    for (const float b : biases) scale = std::max(scale, std::abs(double{b}) / (in_scale * kMostBias));
    scale = static_cast<float>(scale);
    const auto zero_point = static_cast<int64_t>(std::clamp(1 + std::round(-range.min / scale), 1.0, 255.0));
    const TensorId made = add(id, "", DType::uint8, per_tensor(static_cast<float>(scale), zero_point));
    g().tensor(made).data = rounded<uint8_t>(passes::floats(t), scale, zero_point, 1, 255);
    scales = {scale};
    return made;
  }

  TensorId quantized_bias(TensorId id, const std::vector<float>& values, double in_scale,
                          const std::vector<double>& filter_scales) {
    std::vector<double> scales;
    for (const double s : filter_scales) scales.push_back(in_scale * static_cast<float>(s));
    const bool is_wide = options_.type == IntegerType::int16x8;
    const TensorId made = add(id, "", is_wide ? DType::int64 : DType::int32, channel_quantization(scales, 0));
    std::vector<int64_t> wide(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double v = std::round(double{values[i]} / scales[std::min(i, scales.size() - 1)]);
      wide[i] = std::isfinite(v) ? static_cast<int64_t>(std::clamp(v, -2.0 * kMostBias, 2.0 * kMostBias - 1)) : 0;
    }
    g().tensor(made).data =
        is_wide ? Buffer::of(std::move(wide)) : Buffer::of(std::vector<int32_t>(wide.begin(), wide.end()));
    return made;
  }

  // The same reals in the other 8-bit type; of 16 bits, the range in 256 steps.
  Quantization mapping_at_end(Quantization q, DType wanted) const {
    const IntegerType type = wanted == DType::uint8 ? IntegerType::uint8 : IntegerType::int8;
    if (dtype_ == DType::int16) {
      const double all = 32768 * double{q.scale[0]};
      return mapping_of(q.min.empty() ? Range{-all, all} : Range{q.min[0], q.max[0]}, type);
    }
    q.zero_point[0] += wanted == DType::uint8 ? 128 : -128;
    return q;
  }

  // The end's tensor for an integer tensor inside, or itself where the type is the one that was asked for.
  TensorId end_of(TensorId inside, DType wanted) {
    if (!is_integer(inside) || wanted == dtype_) return inside;
    const Quantization q = wanted == DType::float32 ? Quantization{} : mapping_at_end(scale(inside), wanted);
    const TensorId end = add(inside, "", wanted, q);
    g().tensor(inside).name += "/" + std::string(name(dtype_));
    return end;
  }

  void set_input_type(TensorId& id) {
    const TensorId end = end_of(id, options_.input_type);
    if (end == id) return;
    first_.push_back(converter(OpCode::QUANTIZE, end, id, options_.input_type));
    rename_in_signatures(id, end, true);
    id = end;
  }

  void set_output_type(TensorId& id) {
    if (source_.is_input(id) && !produced_[static_cast<size_t>(id)]) return;  // an input that is an output as well
    const TensorId end = end_of(id, options_.output_type);
    if (end == id) return;
    TensorId from = id;
    DType type = dtype_;
    if (dtype_ == DType::int16 && options_.output_type == DType::uint8) {
      // No kernel goes there in one step.
      from = add(id, "/int8", DType::int8, mapping_at_end(scale(id), DType::int8));
      type = DType::int8;
      last_.push_back(converter(OpCode::QUANTIZE, id, from, dtype_));
    }
    last_.push_back(
        converter(options_.output_type == DType::float32 ? OpCode::DEQUANTIZE : OpCode::QUANTIZE, from, end, type));
    rename_in_signatures(id, end, false);
    id = end;
  }

  void rename_in_signatures(TensorId from, TensorId to, bool inputs) {
    for (Signature& s : made_.model.signatures) {
      if (s.graph != 0) continue;
      for (auto& [key, id] : inputs ? s.inputs : s.outputs) {
        if (id == from) id = to;
      }
    }
  }

  const Graph& source_;
  const Ranges& ranges_;
  const ToIntegerOptions& options_;
  const DType dtype_;
  std::vector<bool> produced_, is_integer_;
  std::vector<OpRule> rules_;
  std::vector<std::optional<Quantization>> scales_;
  std::map<TensorId, TensorId> reals_;
  std::vector<std::pair<TensorId, TensorId>> converted_, constants_;
  std::vector<Node> first_, nodes_, last_;
  ToInteger made_;
};

// Nodes that were made integer and whose kernel does not take them so, with what it says.
std::vector<RealNode> refused_nodes(const Model& before, const ToInteger& made) {
  const ops::Inference old = ops::infer_shapes(before), now = ops::infer_shapes(made.model);
  std::vector<RealNode> refused;
  for (size_t i = 0; i < before.main().nodes.size(); ++i) {
    const auto& error = now.node_errors[made.places[i]];
    if (error && !old.node_errors[i]) refused.push_back({i, printable(error->found)});
  }
  return refused;
}

}  // namespace

Expected<ToInteger> to_integer(const Model& model, const Ranges& ranges, const ToIntegerOptions& options) {
  ToIntegerOptions o = options;
  std::vector<RealNode> refused;
  for (;;) {
    ML_ASSIGN(ToInteger made, Conversion(model, ranges, o).run());
    const std::vector<RealNode> more = refused_nodes(model, made);
    bool is_new = false;
    for (const RealNode& r : more) is_new = o.keep_float.insert(r.node).second || is_new;
    refused.insert(refused.end(), more.begin(), more.end());
    if (is_new) continue;
    for (RealNode& r : made.real_nodes) {
      const auto it = std::find_if(refused.begin(), refused.end(), [&](const RealNode& f) { return f.node == r.node; });
      if (it != refused.end()) r.why = it->why;
    }
    return made;
  }
}

}  // namespace monolite::quantize
