#pragma once
// A net of nets/ that learns. libtorch stays behind it, in network.cpp (a step), forward.cpp and variables.cpp.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "batch.h"
#include "nets/net.h"
#include "tensorflow/checkpoint.h"

namespace monolite::train {

enum class Optimizer { momentum, adam };

// Names and defaults are those of research/deeplab's train.py, where it has them.
struct NetworkOptions {
  uint64_t seed = 1;
  int threads = 1;
  std::string device = "cpu";  // cpu, cuda, auto
  // Loss.
  bool upsample_logits = true;
  int ignore_label = 255;
  std::vector<float> label_weights;  // empty: all 1
  int hard_example_mining_step = 0;
  double top_k_percent_pixels = 1.0;
  // Regularization.
  double weight_decay = 4e-5;
  double keep_probability = 0.9;  // of concat_projection's values
  // Batch norms.
  double backbone_batch_norm_decay = 0.997, batch_norm_decay = 0.9997;
  bool fine_tune_batch_norm = true;
  // Update.
  Optimizer optimizer = Optimizer::momentum;
  double momentum = 0.9;
  double adam_epsilon = 1e-8;
  double last_layer_gradient_multiplier = 1.0;
  bool last_layers_contain_logits_only = false;
  // Quantization-aware training. No delay: float.
  std::optional<int64_t> quantize_delay_step;
  std::optional<int64_t> freeze_bn_delay;
  double range_decay = 0.999;
  bool symmetric_weights = false;  // filters' ranges reach as far down as up: int8's levels
  bool per_channel = false;        // filters have such a range for each output channel
  // Several workers: which one this is (its dropout is its own), and what replaces numbers by their mean or maximum
  // over all of them. The workers' nets are the same and call these in the same order.
  int rank = 0, workers = 1;
  std::function<Expected<void>(std::span<float>)> average, maximum;
  bool sync_batch_norm = false;  // batches' statistics are those of all workers' parts together
};

struct LoadOptions {
  bool initialize_last_layer = true;
  bool is_resume = false;  // slots and global_step too; nothing may be missing
};

struct Loaded {
  int64_t global_step = 0;
  int restored = 0;
  std::vector<std::string> kept;  // variables that keep their random start
};

class Network {
 public:
  // The net with random weights.
  //
  // Errors: a device that is not there.
  static Expected<Network> create(const nets::Net& net, const NetworkOptions& options);
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  // Takes what a checkpoint has; what it lacks keeps its start, but for a resume.
  //
  // Errors: a variable of another shape; when resuming, one that is missing; none at all that fits.
  Expected<Loaded> load(const tensorflow::Checkpoint& checkpoint, const LoadOptions& options);

  // All variables, the optimizer's slots among them, by TensorFlow's names and in its layouts.
  std::map<std::string, tensorflow::Tensor> variables(int64_t global_step) const;

  // One update; the loss before it (without regularization).
  //
  // Errors: a loss that is not finite, or those of `average`; the variables are then as they were.
  Expected<double> step(const Batch& batch, int64_t step, double learning_rate);

  // Logits, resized as the export leaves them before its last resize: [count, height, width, classes]. With the moving
  // statistics and ranges; `quantized`: as the FakeQuant graph computes them.
  std::vector<float> logits(const Batch& batch, bool quantized) const;

  // Labels as the exported graph gives them: [count, height, width].
  std::vector<uint8_t> labels(const Batch& batch, bool quantized) const;

  // For tests. The loss that step() would see (moving statistics and ranges stay), with regularization; its gradient
  // by one variable; a variable's values, in TensorFlow's layout.
  double loss(const Batch& batch, int64_t step);
  std::vector<float> gradient(const Batch& batch, int64_t step, const std::string& variable);
  std::vector<float> values(const std::string& variable) const;
  void set_values(const std::string& variable, const std::vector<float>& values);

 private:
  struct State;
  explicit Network(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace monolite::train
