#pragma once
// The fast backend: a graph planned once, then run as often as one likes.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/expected.h"
#include "ir/graph.h"
#include "ops/evaluate.h"

namespace monolite::runtime {

struct SessionOptions {
  size_t graph = 0;
  int num_threads = 0;  // 0: one a physical core; more than there are cores help nothing and are not used
  std::map<TensorId, Shape> input_shapes;  // instead of the file's
  Isa isa = usable_isa();
  bool profile = false;                     // measure each step
  bool fast = true;                         // false: every node by its reference kernel, in the same plan
  std::vector<std::vector<size_t>> pieces;  // as PlanOptions has them
  // A file that keeps packed weights (runtime/weight_cache.h), or "". `model_bytes` are then all of the file that the
  // model was read from: what is kept is for these.
  std::string weight_cache_file;
  std::span<const std::byte> model_bytes;
};

// What a step of the plan took. Nodes that are computed as one share a step.
struct StepProfile {
  std::vector<size_t> nodes;
  std::string kernel;
  int64_t times_called = 0, first_ns = 0, least_ns = 0, total_ns = 0;
};

// One input or output: where its elements lie.
struct TensorRef {
  DType dtype = DType::float32;
  Shape shape;
  std::span<std::byte> bytes;
};

class Session {
 public:
  // Plans the graph and packs its weights. `model` must outlive the session. Variable tensors start reset.
  //
  // Errors: a node that cannot be computed; more memory than ops/limits.h allows; a weight cache that cannot be read or
  // written.
  static Expected<std::unique_ptr<Session>> create(const Model& model, SessionOptions options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Inputs, in the graph's order: write the elements here, then invoke. What was written stays until it is overwritten.
  size_t input_count() const;
  TensorRef input(size_t i);

  // One inference. Nothing is taken over from the one before but variable tensors. Allocates nothing, unless a step
  // runs on a reference kernel.
  //
  // Errors: what the kernels say of values that they cannot compute with.
  Expected<void> invoke();

  // Outputs of the last inference, in the graph's order; valid until the next one. A shape that is known only while the
  // graph runs may differ from one inference to the next.
  size_t output_count() const;
  TensorRef output(size_t i);

  // The same in one call: copies the inputs in, and the outputs out.
  //
  // Errors: another number of inputs; another type or shape than the session was planned for; as invoke().
  Expected<std::vector<ops::Value>> run(std::span<const ops::Value> inputs);

  // Sets variable tensors to zero: to the zero point where they are int8.
  void reset_variables();

  // How many threads an inference uses at most.
  int num_threads() const;

  // Times of all inferences since the last reset_profile(); empty unless options.profile.
  std::vector<StepProfile> profile() const;
  void reset_profile();

  // The plan as text: a line a step, then the memory.
  std::string plan() const;
  // Memory for tensors and scratch.
  int64_t arena_bytes() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace monolite::runtime
