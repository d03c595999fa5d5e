#include "ops/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/infer_shapes.h"
#include "ops/limits.h"
#include "ops/op.h"
#include "ops/subgraph.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

// Memory for a tensor, 64-byte aligned; never of size 0, so that it has an address.
Buffer allocate(int64_t bytes) {
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  const auto lines = static_cast<size_t>(bytes / 64 + 1);
  std::shared_ptr<Line[]> memory(new Line[lines]);
  const auto* data = memory.get()->bytes;
  return Buffer(std::move(memory), {data, static_cast<size_t>(bytes)});
}

std::byte* writable(const Buffer& buffer) { return const_cast<std::byte*>(buffer.data()); }

}  // namespace

struct Evaluator::State {
  const Model& model;
  EvaluateOptions options;
  const Graph& graph;
  std::vector<TensorState> states;
  std::vector<Buffer> memory;       // what keeps states' data alive
  std::vector<size_t> last_reader;  // the node after which a tensor's memory may go
  int64_t live_bytes = 0;

  State(const Model& m, EvaluateOptions o)
      : model(m),
        options(std::move(o)),
        graph(m.graphs[options.graph]),
        states(graph.tensors.size()),
        memory(graph.tensors.size()),
        last_reader(graph.tensors.size(), graph.nodes.size()) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const TensorId id : graph.nodes[i].outputs) last_reader[static_cast<size_t>(id)] = i;
      for (const TensorId id : graph.nodes[i].inputs) {
        if (id != kNoTensor) last_reader[static_cast<size_t>(id)] = i;
      }
    }
    for (const TensorId id : graph.outputs) last_reader[static_cast<size_t>(id)] = graph.nodes.size();
    std::vector<bool> is_computed(graph.tensors.size());
    for (const Node& node : graph.nodes) {
      for (const TensorId id : node.outputs) is_computed[static_cast<size_t>(id)] = true;
    }
    for (size_t i = 0; i < graph.tensors.size(); ++i) {
      const Tensor& t = graph.tensors[i];
      if (t.is_constant() || t.is_variable) last_reader[i] = graph.nodes.size();
      // A constant without elements has no bytes in the file.
      const bool is_empty = !is_computed[i] && t.shape.checked_elements() == 0;
      if (t.is_constant() || is_empty) set_constant(i);
    }
    reset_variables();
  }

  void set_constant(size_t i) {
    const Tensor& t = graph.tensors[i];
    Buffer data = t.data;
    if (reinterpret_cast<uintptr_t>(data.data()) % 8 != 0 || data.empty()) {
      data = allocate(static_cast<int64_t>(t.data.size_bytes()));
      if (!t.data.empty()) std::memcpy(writable(data), t.data.data(), t.data.size_bytes());
    }
    states[i] = {t.shape, true, writable(data)};
    memory[i] = std::move(data);
  }

  void reset_variables() {
    for (size_t i = 0; i < graph.tensors.size(); ++i) {
      const Tensor& t = graph.tensors[i];
      if (!t.is_variable || t.is_constant()) continue;
      const auto elements = t.shape.checked_elements();
      if (!elements || *elements > kMostTensorBytes / 16) continue;  // reading it is an error below
      const int64_t bytes = bytes_of(t.shape, t.dtype);
      memory[i] = allocate(bytes);
      const bool at_zero_point = t.dtype == DType::int8 && !t.quantization.zero_point.empty();
      std::memset(writable(memory[i]), at_zero_point ? static_cast<int>(t.quantization.zero_point[0]) : 0,
                  static_cast<size_t>(bytes));
      states[i] = {t.shape, true, writable(memory[i])};
    }
  }

  Expected<void> set_inputs(std::span<const Value> inputs) {
    if (inputs.size() != graph.inputs.size()) {
      return Unexpected(usage_error("inputs", fmt::format("{}", inputs.size()), fmt::format("{}", graph.inputs.size()),
                                    "give one value for each input of the model"));
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      const auto id = static_cast<size_t>(graph.inputs[i]);
      const Value& v = inputs[i];
      if (v.dtype != graph.tensors[id].dtype || !v.shape.is_valid() ||
          static_cast<int64_t>(v.data.size_bytes()) != bytes_of(v.shape, v.dtype)) {
        return Unexpected(
            input_error(fmt::format("input {} \"{}\"", i, graph.tensors[id].name),
                        fmt::format("{} bytes of {} {}", v.data.size_bytes(), name(v.dtype), to_string(v.shape)),
                        fmt::format("{}, as many elements as the shape says", name(graph.tensors[id].dtype))));
      }
      Buffer data = v.data;
      if (reinterpret_cast<uintptr_t>(data.data()) % 8 != 0 || data.empty()) {
        data = allocate(static_cast<int64_t>(v.data.size_bytes()));
        if (!v.data.empty()) std::memcpy(writable(data), v.data.data(), v.data.size_bytes());
      }
      states[id] = {v.shape, true, writable(data)};
      memory[id] = std::move(data);
    }
    return {};
  }

  Expected<void> check_inputs(size_t node) const {
    for (const TensorId id : graph.nodes[node].inputs) {
      if (id == kNoTensor || states[static_cast<size_t>(id)].data != nullptr) continue;
      return Unexpected(
          NodeView(model, options.graph, node, states)
              .fail(fmt::format("tensor {} \"{}\" is read before anything writes it", id, graph.tensor(id).name),
                    "a constant, an input of the graph, or the output of an earlier node",
                    "the file was cut or edited; convert it again"));
    }
    return {};
  }

  Expected<void> allocate_outputs(size_t node, Shapes shapes) {
    for (size_t k = 0; k < shapes.size(); ++k) {
      const auto id = static_cast<size_t>(graph.nodes[node].outputs[k]);
      const int64_t bytes = bytes_of(shapes[k], graph.tensors[id].dtype);
      release(id);
      live_bytes += bytes;
      if (live_bytes > kMostLiveBytes) {
        return Unexpected(NodeView(model, options.graph, node, states)
                              .fail(fmt::format("{} bytes of tensors at one time", live_bytes),
                                    fmt::format("at most {}", kMostLiveBytes), "use a smaller input"));
      }
      memory[id] = allocate(bytes);
      states[id] = {std::move(shapes[k]), true, writable(memory[id])};
    }
    return {};
  }

  void release(size_t id) {
    if (states[id].data == nullptr || graph.is_input(static_cast<TensorId>(id))) return;
    live_bytes -= static_cast<int64_t>(memory[id].size_bytes());
    memory[id] = {};
    states[id] = {};
  }

  void release_dead(size_t node) {
    const auto done = [&](TensorId id) {
      if (id != kNoTensor && last_reader[static_cast<size_t>(id)] == node) release(static_cast<size_t>(id));
    };
    for (const TensorId id : graph.nodes[node].inputs) done(id);
    for (const TensorId id : graph.nodes[node].outputs) done(id);
  }

  Value value(TensorId id) const {
    const auto i = static_cast<size_t>(id);
    const auto bytes = static_cast<size_t>(bytes_of(states[i].shape, graph.tensors[i].dtype));
    // As it is where possible: a value that a loop hands through would own itself once more with every round.
    const bool is_all = memory[i].data() == states[i].data && memory[i].size_bytes() == bytes;
    return {graph.tensors[i].dtype, states[i].shape,
            is_all ? memory[i] : Buffer(std::make_shared<Buffer>(memory[i]), {states[i].data, bytes})};
  }

  Expected<void> run_node(size_t i, WorkMeter& meter) {
    ML_TRY(check_inputs(i));
    ML_ASSIGN(Shapes shapes, infer_node(NodeView(model, options.graph, i, states)));
    ML_TRY(allocate_outputs(i, std::move(shapes)));
    ML_TRY(meter.add(NodeView(model, options.graph, i, states), options.meter != nullptr ? kLeastCalledWork : 0));
    ML_TRY(compute(Evaluation(model, options.graph, i, states, &meter)));
    if (options.observer) {
      std::vector<Value> outputs;
      for (const TensorId id : graph.nodes[i].outputs) outputs.push_back(value(id));
      options.observer(i, outputs);
    }
    release_dead(i);
    return {};
  }

  // Forgets what the last inference left, so that nothing can be read that this one did not write.
  void forget() {
    for (const Node& node : graph.nodes) {
      for (const TensorId id : node.outputs) {
        if (last_reader[static_cast<size_t>(id)] == graph.nodes.size() && !graph.tensor(id).is_constant() &&
            !graph.tensor(id).is_variable) {
          release(static_cast<size_t>(id));
        }
      }
    }
  }

  Expected<std::vector<Value>> invoke(std::span<const Value> inputs) {
    if (options.meter == nullptr) ML_TRY(check_calls(model, options.graph));
    forget();
    ML_TRY(set_inputs(inputs));
    WorkMeter own;
    WorkMeter& meter = options.meter != nullptr ? *options.meter : own;
    for (size_t i = 0; i < graph.nodes.size(); ++i) ML_TRY(run_node(i, meter));
    std::vector<Value> outputs;
    for (const TensorId id : graph.outputs) {
      if (states[static_cast<size_t>(id)].data == nullptr) {
        return Unexpected(input_error(fmt::format("output \"{}\"", graph.tensor(id).name), "nothing writes it",
                                      "a tensor that some node computes",
                                      "the file was cut or edited; convert it again"));
      }
      outputs.push_back(value(id));
    }
    return outputs;
  }
};

Evaluator::Evaluator(const Model& model, EvaluateOptions options)
    : state_(std::make_unique<State>(model, std::move(options))) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

Expected<std::vector<Value>> Evaluator::invoke(std::span<const Value> inputs) { return state_->invoke(inputs); }
void Evaluator::reset_variables() { state_->reset_variables(); }

Expected<std::vector<Value>> evaluate(const Model& model, std::span<const Value> inputs, EvaluateOptions options) {
  return Evaluator(model, std::move(options)).invoke(inputs);
}

}  // namespace monolite::ops
