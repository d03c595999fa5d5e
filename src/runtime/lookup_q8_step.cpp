// An op that makes one 8-bit number of another, whatever it is.
//   match   one of the ops below, 8 bits in, 8 bits out; of two inputs one is a constant number
//   kernel  elementwise_q8's table, which the op's reference kernel fills in

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "kernels/elementwise_q8/select.h"
#include "ops/elementwise.h"
#include "ops/evaluate.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::ElementwiseQ8Kernel;

struct alignas(64) Table {
  std::array<uint8_t, 256> values;
};

bool is_elementwise(OpCode op) {
  switch (op) {
    case OpCode::QUANTIZE:
    case OpCode::LOGISTIC:
    case OpCode::TANH:
    case OpCode::HARD_SWISH:
    case OpCode::RELU:
    case OpCode::RELU6:
    case OpCode::RELU_N1_TO_1:
    case OpCode::RELU_0_TO_1:
    case OpCode::LEAKY_RELU:
    case OpCode::ELU:
    case OpCode::GELU:
      return true;
    default:
      return false;
  }
}

bool is_elementwise_of_two(OpCode op) {
  return op == OpCode::ADD || op == OpCode::SUB || op == OpCode::MUL || op == OpCode::MAXIMUM || op == OpCode::MINIMUM;
}

// Which input of the node varies, where no other does.
std::optional<int> varying_input(const ops::NodeView& n) {
  if (n.output_count() != 1) return {};
  if (is_elementwise(n.node().op)) return n.input_count() == 1 ? std::optional(0) : std::nullopt;
  if (!is_elementwise_of_two(n.node().op) || n.input_count() != 2) return {};
  for (const int k : {0, 1}) {
    if (n.input(1 - k).is_constant() && n.shape(1 - k).elements() == 1 && n.dtype(1 - k) == n.dtype(k)) return k;
  }
  return {};
}

// The op's outputs for all 256 values of input `varying`, from its reference kernel.
std::optional<Table> table_of(const Planner& planner, size_t node, int varying) {
  const ops::NodeView n = planner.view(node);
  Model model{.graphs = std::vector<Graph>(1)};
  Graph& g = model.graphs[0];
  Tensor in = n.input(varying), out = n.output(0);
  in.shape = out.shape = Shape{256};
  in.shape_signature.reset();
  out.shape_signature.reset();
  const TensorId in_id = g.add(in), out_id = g.add(out);
  Node one = n.node();
  for (int k = 0; k < n.input_count(); ++k) {
    one.inputs[static_cast<size_t>(k)] = k == varying ? in_id : g.add(n.input(k));
  }
  one.outputs = {out_id};
  g.nodes.push_back(one);
  g.inputs = {in_id};
  g.outputs = {out_id};
  std::vector<uint8_t> all(256);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint8_t>(i);
  const ops::Value value{in.dtype, in.shape, Buffer::of(std::move(all))};
  const auto result = ops::evaluate(model, std::span(&value, 1));
  if (!result || (*result)[0].data.size_bytes() != 256) return {};
  Table table;
  std::memcpy(table.values.data(), (*result)[0].data.data(), 256);
  return table;
}

class LookupQ8Step : public Step {
 public:
  LookupQ8Step(const ElementwiseQ8Kernel& kernel, const Table& table, int64_t count, int threads)
      : kernel_(kernel), table_(table), count_(count), pieces_(pieces_of(count, 16384, 262144, threads)) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t first = piece * pieces_.rows;
      kernel_.lookup({in_ + first, std::min(pieces_.rows, count_ - first), table_.values.data(), out_ + first});
    });
    return {};
  }

 private:
  const ElementwiseQ8Kernel& kernel_;
  Table table_;
  int64_t count_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  Pieces pieces_;
};

}  // namespace

std::unique_ptr<Step> make_lookup_q8_step(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  const auto varying = varying_input(n);
  if (!varying || !ops::is_8bit(n.dtype(*varying)) || !ops::is_8bit(n.output_dtype(0))) return nullptr;
  if (n.shape(*varying).elements() != n.output_shape(0).elements()) return nullptr;
  const auto table = table_of(planner, node, *varying);
  if (!table) return nullptr;
  const ElementwiseQ8Kernel& kernel = kernels::select_elementwise_q8(planner.isa());
  auto step = std::make_unique<LookupQ8Step>(kernel, *table, n.output_shape(0).elements(), planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[static_cast<size_t>(*varying)]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
