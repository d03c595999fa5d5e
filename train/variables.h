#pragma once
// What a net learns, as libtorch keeps it: variables by TensorFlow's names, their start, and checkpoints of them. For
// the files behind network.h.

// First: in C++20, Clang wants IValue complete where torch's other headers use it.
#include <ATen/core/ivalue.h>

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "network.h"

namespace monolite::train {

struct Variable {
  torch::Tensor value;        // filters: [out, in, k, k]; what else there is: as TensorFlow has it
  std::vector<int64_t> dims;  // TensorFlow's
  bool is_filter = false, is_depthwise = false, is_trained = false;
  double decay = 0, gradient_multiplier = 1;
  torch::Tensor slot, slot2;  // Momentum; or Adam, Adam_1
};

using Variables = std::map<std::string, Variable>;

// Where contrib.quantize lets a range start; the first batch replaces it.
inline constexpr float kFirstRange = 6.0f;

bool is_backbone(const std::string& scope);

// [k, k, in, out] <-> [out, in, k, k]; depthwise [k, k, channels, 1] <-> [channels, 1, k, k].
torch::Tensor to_torch(const torch::Tensor& t, const Variable& v);
torch::Tensor to_tensorflow(const torch::Tensor& t, const Variable& v);

// The variables of a net, with random weights.
Variables start_variables(const nets::Net& net, const NetworkOptions& o, torch::Device device,
                          const torch::Generator& random);

// Network::load and Network::variables.
Expected<Loaded> load(Variables& variables, const NetworkOptions& o, const tensorflow::Checkpoint& checkpoint,
                      const LoadOptions& options);
std::map<std::string, tensorflow::Tensor> written(const Variables& variables, Optimizer optimizer, int64_t global_step);

}  // namespace monolite::train
