#include "runtime/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "ops/limits.h"
#include "ops/work.h"
#include "runtime/fast_steps.h"
#include "runtime/planner.h"
#include "runtime/reference_step.h"
#include "runtime/weight_cache.h"

namespace monolite::runtime {
namespace {

// Does every node read only what has a value by then? Where one does not, the reference backend finds the words.
bool reads_only_written(const Graph& graph, const ops::Inference& inference, const std::vector<size_t>& order) {
  std::vector<bool> written(graph.tensors.size());
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& t = graph.tensors[i];
    written[i] = inference.states[i].data != nullptr || t.is_variable;
  }
  for (const TensorId id : graph.inputs) written[static_cast<size_t>(id)] = true;
  for (const size_t i : order) {
    const Node& node = graph.nodes[i];
    for (const TensorId id : node.inputs) {
      if (id != kNoTensor && !written[static_cast<size_t>(id)]) return false;
    }
    for (const TensorId id : node.outputs) written[static_cast<size_t>(id)] = true;
  }
  return std::all_of(graph.outputs.begin(), graph.outputs.end(),
                     [&](TensorId id) { return written[static_cast<size_t>(id)]; });
}

bool all_have_shapes(const Graph& graph, const ops::Inference& inference) {
  const auto has_shape = [&](TensorId id) { return inference.states[static_cast<size_t>(id)].has_shape; };
  for (const Node& node : graph.nodes) {
    if (!std::all_of(node.outputs.begin(), node.outputs.end(), has_shape)) return false;
  }
  return std::all_of(graph.inputs.begin(), graph.inputs.end(), has_shape);
}

// Did shape inference compute the node already?
bool is_folded(const Planner& planner, size_t node) {
  const auto& outputs = planner.node(node).outputs;
  return !outputs.empty() &&
         std::all_of(outputs.begin(), outputs.end(), [&](TensorId id) { return planner.is_known(id); });
}

// Constants stored as float16 or without their zeros are unpacked once, while planning: fast kernels want their filters
// then.
Expected<void> unpack_constants(const Model& model, size_t graph, ops::Inference& inference) {
  const Graph& g = model.graphs[graph];
  std::vector<bool> unpacked(g.tensors.size());
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    const Node& n = g.nodes[i];
    if ((n.op != OpCode::DEQUANTIZE && n.op != OpCode::DENSIFY) || g.is_output(n.outputs[0])) continue;
    const TensorId packed = n.inputs[0];
    const bool is_known = g.tensor(packed).is_constant() || unpacked[static_cast<size_t>(packed)];
    ops::TensorState& s = inference.states[static_cast<size_t>(n.outputs[0])];
    if (!is_known || s.data != nullptr) continue;
    if (n.op == OpCode::DEQUANTIZE && g.tensor(packed).dtype != DType::float16) continue;
    unpacked[static_cast<size_t>(n.outputs[0])] = true;
    inference.folded.push_back(
        std::make_unique<std::byte[]>(static_cast<size_t>(bytes_of(s.shape, g.tensor(n.outputs[0]).dtype)) + 1));
    s.data = inference.folded.back().get();
    ML_TRY(ops::find_op(n)->reference(ops::Evaluation(model, graph, i, inference.states)));
  }
  return {};
}

// Fast kernels need not know of outputs without elements.
bool writes_nothing(const ops::NodeView& n) {
  for (int i = 0; i < n.output_count(); ++i) {
    if (n.output_shape(i).elements() > 0) return false;
  }
  return true;
}

Expected<void> bound_work(const Model& model, size_t graph, const ops::Inference& inference) {
  ops::WorkMeter meter;
  for (size_t i = 0; i < model.graphs[graph].nodes.size(); ++i) {
    ML_TRY(meter.add(ops::NodeView(model, graph, i, inference.states)));
  }
  return {};
}

std::unique_ptr<Step> make_step(const Planner& planner, size_t node, bool fast) {
  static constexpr MakeStep kMakers[] = {
#define STEP(maker) maker,
#include "runtime/steps.inc"
#undef STEP
      make_reference_step};
  if (!fast || writes_nothing(planner.view(node))) return make_reference_step(planner, node);
  for (const MakeStep make : kMakers) {
    if (auto step = make(planner, node)) return step;
  }
  return nullptr;
}

// Constants that a step has packed are not looked at again: what they take of a mapped file need not stay in memory.
void release_packed(const Planner& planner, const Step& step) {
  for (const size_t node : step.nodes) {
    for (const TensorId id : planner.node(node).inputs) {
      if (id == kNoTensor || std::find(step.reads.begin(), step.reads.end(), id) != step.reads.end()) continue;
      const Tensor& t = planner.graph().tensor(id);
      if (t.is_constant()) release_pages(t.data.bytes());
    }
  }
}

void make_steps(Planner& planner, const std::vector<size_t>& order, bool fast, Plan& plan) {
  for (size_t at = order.size(); at-- > 0;) {
    const size_t i = order[at];
    if (planner.is_planned(i) || is_folded(planner, i)) continue;
    auto step = make_step(planner, i, fast);
    for (const size_t n : step->nodes) planner.set_planned(n);
    release_packed(planner, *step);
    plan.scratch_bytes = std::max(plan.scratch_bytes, (step->scratch_bytes + kAlignment - 1) / kAlignment * kAlignment);
    plan.steps.push_back(std::move(step));
  }
  std::reverse(plan.steps.begin(), plan.steps.end());
}

// One block a tensor, from the step that writes it to the last one that reads it. Inputs and outputs of the graph, and
// variables, keep theirs throughout: a caller may look at them, and run again, when he likes.
void make_blocks(const Graph& graph, Plan& plan) {
  plan.block_of_tensor.assign(graph.tensors.size(), -1);
  plan.offset_in_block.assign(graph.tensors.size(), 0);
  const auto last = static_cast<int32_t>(plan.steps.size());
  const auto add = [&](TensorId id, int32_t first, int32_t end) {
    const auto i = static_cast<size_t>(id);
    const ops::TensorState& s = plan.inference.states[i];
    if (plan.block_of_tensor[i] >= 0) {
      Block& b = plan.blocks[static_cast<size_t>(plan.block_of_tensor[i])];
      b.last_step = std::max(b.last_step, end);
      return;
    }
    if ((s.data != nullptr && !graph.tensors[i].is_variable)) return;
    plan.block_of_tensor[i] = static_cast<int>(plan.blocks.size());
    plan.blocks.push_back({bytes_of(s.shape, graph.tensors[i].dtype), first, end});
  };
  for (const TensorId id : graph.inputs) add(id, 0, last);
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].is_variable && !graph.tensors[i].is_constant() && plan.inference.states[i].has_shape) {
      add(static_cast<TensorId>(i), 0, last);
    }
  }
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    for (const Step::Alias& alias : plan.steps[s]->aliases) {
      const auto tensor = static_cast<size_t>(alias.tensor), of = static_cast<size_t>(alias.of);
      plan.block_of_tensor[tensor] = plan.block_of_tensor[of];
      plan.offset_in_block[tensor] = plan.offset_in_block[of] + alias.offset_bytes;
    }
    for (const TensorId id : plan.steps[s]->writes) {
      add(id, static_cast<int32_t>(s), graph.is_output(id) ? last : static_cast<int32_t>(s));
    }
    for (const TensorId id : plan.steps[s]->reads) {
      const int block = plan.block_of_tensor[static_cast<size_t>(id)];
      if (block < 0) continue;
      Block& b = plan.blocks[static_cast<size_t>(block)];
      b.last_step = std::max(b.last_step, static_cast<int32_t>(s));
    }
  }
}

// The pieces one behind the other; nothing unless every node is in one of them, once.
std::optional<std::vector<size_t>> run_order(const Graph& graph, const std::vector<std::vector<size_t>>& pieces) {
  std::vector<size_t> order;
  for (const auto& piece : pieces) order.insert(order.end(), piece.begin(), piece.end());
  if (pieces.empty()) {
    order.resize(graph.nodes.size());
    std::iota(order.begin(), order.end(), size_t{0});
  }
  std::vector<bool> seen(graph.nodes.size());
  for (const size_t i : order) {
    if (i >= seen.size() || seen[i]) return {};
    seen[i] = true;
  }
  return order.size() == seen.size() ? std::optional(order) : std::nullopt;
}

std::vector<int> piece_of_node(const Graph& graph, const std::vector<std::vector<size_t>>& pieces) {
  std::vector<int> piece_of(graph.nodes.size());
  for (size_t p = 0; p < pieces.size(); ++p) {
    for (const size_t i : pieces[p]) piece_of[i] = static_cast<int>(p);
  }
  return piece_of;
}

std::string tensor_text(const Plan& plan, const Graph& graph, TensorId id) {
  return fmt::format("{}{}", to_string(plan.inference.states[static_cast<size_t>(id)].shape),
                     name(graph.tensor(id).dtype));
}

}  // namespace

Expected<Plan> make_plan(const Model& model, const PlanOptions& options) {
  const Graph& graph = model.graphs[options.graph];
  const auto order = run_order(graph, options.pieces);
  if (!order) return Unexpected(usage_error("pieces of a plan", "not every node once", "every node in one piece"));
  Plan plan;
  plan.inference = ops::infer_shapes(model, options.graph, options.input_shapes);
  ML_TRY(plan.inference.result());
  if (!all_have_shapes(graph, plan.inference) || !reads_only_written(graph, plan.inference, *order)) {
    plan.is_open = true;
    return plan;
  }
  ML_TRY(bound_work(model, options.graph, plan.inference));
  if (options.fast) ML_TRY(unpack_constants(model, options.graph, plan.inference));
  Planner planner(model, options.graph, plan.inference, options.isa, options.threads,
                  piece_of_node(graph, options.pieces));
  planner.set_weight_cache(options.weight_cache);
  const bool was_rejected = options.weight_cache != nullptr && options.weight_cache->is_rejected();
  make_steps(planner, *order, options.fast, plan);
  // Steps made of what has been found bad since cannot run; what is rejected gives nothing any more.
  if (options.weight_cache != nullptr && options.weight_cache->is_rejected() && !was_rejected) {
    return make_plan(model, options);
  }
  make_blocks(graph, plan);
  plan.arena_bytes = lay_out(plan.blocks);
  if (plan.arena_bytes + plan.scratch_bytes * options.threads > ops::kMostLiveBytes) {
    return Unexpected(input_error("the graph", fmt::format("{} bytes of tensors at one time", plan.arena_bytes),
                                  fmt::format("at most {}", ops::kMostLiveBytes), "use a smaller input"));
  }
  return plan;
}

std::string to_string(const Plan& plan, const Graph& graph) {
  if (plan.is_open) return "shapes are known only while the graph runs: reference backend\n";
  std::string text;
  for (const auto& step : plan.steps) {
    std::string nodes, ops, io;
    for (const size_t n : step->nodes) {
      nodes += fmt::format("{}{}", nodes.empty() ? "" : ",", n);
      ops += (ops.empty() ? "" : "+") + printable(op_name(graph.nodes[n]));
    }
    for (const TensorId id : step->reads) {
      if (plan.block_of_tensor[static_cast<size_t>(id)] >= 0) io += tensor_text(plan, graph, id) + " ";
    }
    io += "->";
    for (const TensorId id : step->writes) io += " " + tensor_text(plan, graph, id);
    text += fmt::format("{:>10}  {:<40} {:<28} {}\n", nodes, ops, step->kernel_name, io);
  }
  return text + fmt::format("arena {} bytes, scratch {} bytes a thread\n", with_commas(plan.arena_bytes),
                            with_commas(plan.scratch_bytes));
}

}  // namespace monolite::runtime
