#include "runtime/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/file.h"
#include "base/thread_pool.h"
#include "runtime/plan.h"
#include "runtime/weight_cache.h"

namespace monolite::runtime {
namespace {

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void add_time(StepProfile& p, int64_t ns) {
  if (p.times_called == 0) p.first_ns = p.least_ns = ns;
  p.least_ns = std::min(p.least_ns, ns);
  p.times_called += 1;
  p.total_ns += ns;
}

}  // namespace

// Either a plan with its memory, or, where shapes are known only while the graph runs, the reference backend.
struct Session::State {
  const Model& model;
  SessionOptions options;
  const Graph& graph;
  std::shared_ptr<WeightCache> weight_cache;  // steps compute with what lies there
  Plan plan;
  std::vector<ops::TensorState> tensors;
  Memory arena, scratch;
  std::vector<StepProfile> profile;

  std::unique_ptr<ops::Evaluator> evaluator;
  std::vector<ops::Value> open_outputs;
  std::vector<Memory> open_inputs;
  int64_t node_started_ns = 0;

  State(const Model& m, SessionOptions o) : model(m), options(std::move(o)), graph(m.graphs[options.graph]) {}

  const Shape& shape(TensorId id) const { return plan.inference.states[static_cast<size_t>(id)].shape; }

  void set_up_plan() {
    arena = Memory(plan.arena_bytes);
    scratch = Memory(plan.scratch_bytes * options.num_threads);
    tensors = plan.inference.states;
    for (size_t i = 0; i < tensors.size(); ++i) {
      const int block = plan.block_of_tensor[i];
      if (block < 0) continue;
      tensors[i].data = arena.data() + plan.blocks[static_cast<size_t>(block)].offset + plan.offset_in_block[i];
    }
    // Inputs that nobody writes are zeros, not what the memory held before.
    for (const TensorId id : graph.inputs) {
      if (plan.block_of_tensor[static_cast<size_t>(id)] >= 0) {
        std::memset(tensors[static_cast<size_t>(id)].data, 0,
                    static_cast<size_t>(bytes_of(shape(id), graph.tensor(id).dtype)));
      }
    }
    for (const auto& step : plan.steps) {
      step->bind(tensors);
      profile.push_back({step->nodes, step->kernel_name});
    }
    reset_variables();
  }

  void set_up_evaluator() {
    ops::EvaluateOptions o;
    o.graph = options.graph;
    for (size_t i = 0; i < graph.nodes.size(); ++i) profile.push_back({{i}, "reference"});
    if (options.profile) {
      o.observer = [this](size_t node, std::span<const ops::Value>) {
        const int64_t now = now_ns();
        add_time(profile[node], now - node_started_ns);
        node_started_ns = now;
      };
    }
    evaluator = std::make_unique<ops::Evaluator>(model, std::move(o));
    for (const TensorId id : graph.inputs) {
      const auto bytes = static_cast<size_t>(bytes_of(shape(id), graph.tensor(id).dtype));
      open_inputs.emplace_back(static_cast<int64_t>(bytes));
      std::memset(open_inputs.back().data(), 0, bytes);
    }
  }

  void reset_variables() {
    if (evaluator) return evaluator->reset_variables();
    for (size_t i = 0; i < tensors.size(); ++i) {
      const Tensor& t = graph.tensors[i];
      if (!t.is_variable || plan.block_of_tensor[i] < 0) continue;
      const bool at_zero_point = t.dtype == DType::int8 && !t.quantization.zero_point.empty();
      std::memset(tensors[i].data, at_zero_point ? static_cast<int>(t.quantization.zero_point[0]) : 0,
                  static_cast<size_t>(bytes_of(tensors[i].shape, t.dtype)));
    }
  }

  Expected<void> invoke_plan() {
    ThreadPool& pool = ThreadPool::shared();
    const ThreadPool::Caller caller(pool);
    const RunContext context{pool, options.num_threads, scratch.data(), plan.scratch_bytes};
    if (!options.profile) {
      for (const auto& step : plan.steps) ML_TRY(step->run(context));
      return {};
    }
    int64_t before = now_ns();
    for (size_t s = 0; s < plan.steps.size(); ++s) {
      ML_TRY(plan.steps[s]->run(context));
      const int64_t after = now_ns();
      add_time(profile[s], after - before);
      before = after;
    }
    return {};
  }

  Expected<void> invoke_evaluator() {
    std::vector<ops::Value> inputs;
    for (size_t i = 0; i < graph.inputs.size(); ++i) {
      const Tensor& t = graph.tensor(graph.inputs[i]);
      const Shape& s = shape(graph.inputs[i]);
      const std::span<const std::byte> bytes(open_inputs[i].data(), static_cast<size_t>(bytes_of(s, t.dtype)));
      inputs.push_back({t.dtype, s, Buffer(nullptr, bytes)});
    }
    open_outputs.clear();
    node_started_ns = now_ns();
    ML_ASSIGN(open_outputs, evaluator->invoke(inputs));
    return {};
  }

  TensorRef planned(TensorId id) {
    const ops::TensorState& t = tensors[static_cast<size_t>(id)];
    const DType dtype = graph.tensor(id).dtype;
    return {dtype, t.shape, {t.data, static_cast<size_t>(bytes_of(t.shape, dtype))}};
  }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Expected<std::unique_ptr<Session>> Session::create(const Model& model, SessionOptions options) {
  if (options.graph >= model.graphs.size()) {
    return Unexpected(usage_error("subgraph", fmt::format("{}", options.graph),
                                  fmt::format("one of {} subgraphs", model.graphs.size())));
  }
  if (options.num_threads <= 0) options.num_threads = physical_cores();
  options.num_threads = std::min(options.num_threads, ThreadPool::shared().threads());
  ThreadPool::shared().prepare(options.num_threads);
  auto state = std::make_unique<State>(model, std::move(options));
  const SessionOptions& o = state->options;
  if (!o.weight_cache_file.empty() && o.fast) {
    ML_ASSIGN(state->weight_cache,
              WeightCache::open(o.weight_cache_file, WeightCache::key_of(o.model_bytes, o.graph, o.isa)));
    release_pages(o.model_bytes);
  }
  ML_ASSIGN(state->plan, make_plan(model, {o.graph, o.input_shapes, o.isa, o.num_threads, o.fast, o.pieces,
                                           state->weight_cache.get()}));
  if (state->weight_cache) ML_TRY(state->weight_cache->write());
  if (state->plan.is_open) {
    state->set_up_evaluator();
  } else {
    state->set_up_plan();
  }
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

size_t Session::input_count() const { return state_->graph.inputs.size(); }
size_t Session::output_count() const { return state_->graph.outputs.size(); }
int Session::num_threads() const { return state_->options.num_threads; }

TensorRef Session::input(size_t i) {
  const TensorId id = state_->graph.inputs[i];
  if (!state_->evaluator) return state_->planned(id);
  const Memory& memory = state_->open_inputs[i];
  return {state_->graph.tensor(id).dtype, state_->shape(id), {memory.data(), static_cast<size_t>(memory.size_bytes())}};
}

TensorRef Session::output(size_t i) {
  if (!state_->evaluator) return state_->planned(state_->graph.outputs[i]);
  if (i >= state_->open_outputs.size()) return {};
  const ops::Value& v = state_->open_outputs[i];
  return {v.dtype, v.shape, {const_cast<std::byte*>(v.data.data()), v.data.size_bytes()}};
}

Expected<void> Session::invoke() { return state_->evaluator ? state_->invoke_evaluator() : state_->invoke_plan(); }

Expected<std::vector<ops::Value>> Session::run(std::span<const ops::Value> inputs) {
  if (inputs.size() != input_count()) {
    return Unexpected(usage_error("inputs", fmt::format("{}", inputs.size()), fmt::format("{}", input_count()),
                                  "give one value for each input of the model"));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TensorRef to = input(i);
    const ops::Value& from = inputs[i];
    if (from.dtype != to.dtype || from.shape != to.shape || from.data.size_bytes() != to.bytes.size()) {
      return Unexpected(input_error(
          fmt::format("input {}", i), fmt::format("{} {}", name(from.dtype), to_string(from.shape)),
          fmt::format("{} {}", name(to.dtype), to_string(to.shape)), "make the session with these input shapes"));
    }
    if (!to.bytes.empty()) std::memcpy(to.bytes.data(), from.data.data(), to.bytes.size());
  }
  ML_TRY(invoke());
  std::vector<ops::Value> outputs;
  for (size_t i = 0; i < output_count(); ++i) {
    const TensorRef from = output(i);
    outputs.push_back({from.dtype, from.shape, Buffer::copy_of(from.bytes)});
  }
  return outputs;
}

void Session::reset_variables() { state_->reset_variables(); }

std::vector<StepProfile> Session::profile() const {
  return state_->options.profile ? state_->profile : std::vector<StepProfile>();
}

void Session::reset_profile() {
  for (StepProfile& p : state_->profile) p.times_called = p.first_ns = p.least_ns = p.total_ns = 0;
}

std::string Session::plan() const { return to_string(state_->plan, state_->graph); }
int64_t Session::arena_bytes() const {
  return state_->plan.arena_bytes + state_->plan.scratch_bytes * state_->options.num_threads;
}

}  // namespace monolite::runtime
