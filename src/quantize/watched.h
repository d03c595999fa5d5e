#pragma once
// A model that runs on the fast engine and shows tensors from its inside.

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/evaluate.h"
#include "runtime/session.h"

namespace monolite::quantize {

// Inputs that a model is tried on, one set at a time, so that many pictures need little memory.
struct Samples {
  size_t count = 0;
  std::function<Expected<std::vector<ops::Value>>(size_t)> load;  // sample i: a value for each of the model's inputs
};

class Watched {
 public:
  // `tensors` are computed tensors of the first graph; what they do not depend on is not run.
  //
  // Errors: as runtime::Session::create.
  static Expected<Watched> create(const Model& model, const std::vector<TensorId>& tensors, int num_threads = 0);

  // Runs on one sample. The tensors are then in `tensor(i)`, in the order given, until the next run.
  //
  // Errors: inputs of another number, type or shape; as runtime::Session::invoke.
  Expected<void> run(std::span<const ops::Value> inputs);
  runtime::TensorRef tensor(size_t i) { return session_->output(i); }

 private:
  std::unique_ptr<Model> model_;
  std::unique_ptr<runtime::Session> session_;
};

// `tensors` in groups, in run order, each of at most `most_bytes` (or of one tensor): a group is what is watched at a
// time. Tensors whose shape is not known ahead count nothing.
std::vector<std::vector<TensorId>> groups_within(const Model& model, const std::vector<TensorId>& tensors,
                                                 int64_t most_bytes);

// What watched tensors may take at a time.
inline constexpr int64_t kMostWatchedBytes = int64_t{256} << 20;

}  // namespace monolite::quantize
