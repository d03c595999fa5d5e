#include "convert/spread_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "convert/quantization_params.h"
#include "convert/quantized_ops.h"

namespace monolite::conversion {
namespace {

constexpr size_t kNamed = 8;  // nodes named in an error

class Spreader {
 public:
  Spreader(Lowered& lowered, Ranges ranges, const QuantizeOptions& options)
      : lowered_(lowered), g_(lowered.model.graphs[0]), ranges_(std::move(ranges)), options_(options) {}

  Expected<Ranges> run() {
    ranges_.insert(lowered_.constant_ranges.begin(), lowered_.constant_ranges.end());
    ML_TRY(take_input_statistics());
    propagate();
    if (options_.default_range) take_default_range();
    take_activation_ranges();
    ML_TRY(expect_ranges());
    return std::move(ranges_);
  }

 private:
  bool is_float(TensorId id) const { return id != kNoTensor && g_.tensor(id).dtype == DType::float32; }
  bool is_constant(TensorId id) const { return g_.tensor(id).is_constant(); }

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

  Lowered& lowered_;
  const Graph& g_;
  Ranges ranges_;
  const QuantizeOptions& options_;
};

}  // namespace

Expected<Ranges> spread_ranges(Lowered& lowered, Ranges ranges, const QuantizeOptions& options) {
  return Spreader(lowered, std::move(ranges), options).run();
}

}  // namespace monolite::conversion
