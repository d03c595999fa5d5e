#include "quantize/calibrate.h"

#include <fmt/format.h>

#include "base/text.h"

namespace monolite::quantize {
namespace {

std::span<const float> floats(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

class Calibrator {
 public:
  Calibrator(const Model& model, const Samples& samples, const CalibrationOptions& options)
      : model_(model),
        samples_(samples),
        options_(options),
        statistics_(model.main().tensors.size(), Statistics(options.method)) {}

  Expected<Calibration> run() {
    if (samples_.count == 0) return Unexpected(input_error("calibration", "no samples", "one or more"));
    auto groups = groups_within(model_, activations(model_.main()), options_.most_bytes);
    if (groups.empty()) groups.emplace_back();  // the inputs are looked at all the same
    runs_ = static_cast<int>(samples_.count * groups.size());
    for (size_t i = 0; i < groups.size(); ++i) ML_TRY(look_at(groups[i], i == 0));
    return result();
  }

 private:
  Expected<void> look_at(const std::vector<TensorId>& tensors, bool with_inputs) {
    std::optional<Watched> watched;  // none where there is nothing but inputs to look at
    if (!tensors.empty()) {
      ML_ASSIGN(watched, Watched::create(model_, tensors, options_.num_threads));
    }
    for (size_t sample = 0; sample < samples_.count; ++sample) {
      ML_ASSIGN(const std::vector<ops::Value> inputs, samples_.load(sample));
      if (watched) ML_TRY(watched->run(inputs));
      if (with_inputs) add_inputs(inputs);
      for (size_t i = 0; i < tensors.size(); ++i) statistics(tensors[i]).add(floats(watched->tensor(i).bytes));
      if (options_.progress) options_.progress(++done_, runs_);
    }
    return {};
  }

  void add_inputs(const std::vector<ops::Value>& inputs) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].dtype != DType::float32) continue;
      std::vector<float> values(inputs[i].data.size_bytes() / sizeof(float));  // a file's bytes may be unaligned
      if (!values.empty()) std::memcpy(values.data(), inputs[i].data.data(), inputs[i].data.size_bytes());
      statistics(model_.main().inputs[i]).add(values);
    }
  }

  Calibration result() const {
    Calibration made;
    made.ranges.resize(statistics_.size());
    int64_t tensors = 0;
    std::string first;
    for (size_t i = 0; i < statistics_.size(); ++i) {
      if (statistics_[i].has_values()) made.ranges[i] = statistics_[i].range(options_.percentile);
      if (statistics_[i].not_finite() == 0) continue;
      if (tensors++ == 0) first = printable(model_.main().tensors[i].name);
    }
    if (tensors > 0) {
      made.remarks.push_back(
          fmt::format("{} tensors held NaN or infinity on the samples, the first is \"{}\": those "
                      "values were left out of the ranges",
                      tensors, first));
    }
    return made;
  }

  Statistics& statistics(TensorId id) { return statistics_[static_cast<size_t>(id)]; }

  const Model& model_;
  const Samples& samples_;
  const CalibrationOptions& options_;
  std::vector<Statistics> statistics_;
  int done_ = 0, runs_ = 0;
};

}  // namespace

std::vector<TensorId> activations(const Graph& graph) {
  std::vector<TensorId> ids;
  for (const Node& n : graph.nodes) {
    for (const TensorId id : n.outputs) {
      if (id != kNoTensor && graph.tensor(id).dtype == DType::float32 && !graph.tensor(id).is_variable)
        ids.push_back(id);
    }
  }
  return ids;
}

Expected<Calibration> calibrate(const Model& model, const Samples& samples, const CalibrationOptions& options) {
  return Calibrator(model, samples, options).run();
}

}  // namespace monolite::quantize
