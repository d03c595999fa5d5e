// Ops that only move elements: CONCATENATION, SLICE, PAD, TRANSPOSE, RESHAPE and whatever else tells its copies
// (ops/copies.h).
//   match   all that says from where to where is known ahead
//   kernel  copy; elementwise_q8's table where bytes change on the way
// An output that is a run of its input as it stands is not copied: it lies where the input does.

#include <algorithm>
#include <cstring>
#include <optional>

#include "kernels/copy/select.h"
#include "kernels/elementwise_q8/select.h"
#include "ops/op.h"
#include "runtime/arena.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::CopyKernel;
using kernels::ElementwiseQ8Kernel;

constexpr int64_t kChunkBytes = 16384;

// A copy as loops around elements that are runs of bytes.
struct Part {
  int input;  // of the node, or Copy::kNoInput
  int output;
  int64_t in_offset, out_offset;     // bytes, as are all steps
  std::vector<ops::ViewLoop> outer;  // innermost first
  ops::ViewLoop rows{1, 0, 0}, columns{1, 0, 0};
  int64_t element_bytes;
  int64_t value;
  int table;  // an index, or -1
  bool may_read_behind;
  Pieces pieces{};  // of all rows

  // Where all rows of one round of the outer loops start.
  void start_of(int64_t round, int64_t& in, int64_t& out) const {
    in = in_offset;
    out = out_offset;
    for (const ops::ViewLoop& loop : outer) {
      in += round % loop.count * loop.in;
      out += round % loop.count * loop.out;
      round /= loop.count;
    }
  }
};

struct alignas(64) Table {
  ops::ByteTable<uint8_t> values;
};

class CopyStep : public Step {
 public:
  CopyStep(const CopyKernel& copy, const ElementwiseQ8Kernel& bytes, std::vector<Part> parts, std::vector<Table> tables)
      : copy_(copy), bytes_(bytes), parts_(std::move(parts)), tables_(std::move(tables)) {}

  std::vector<TensorId> inputs, outputs;  // the node's

  void bind(std::span<const ops::TensorState> tensors) override {
    places_.clear();
    for (const Part& part : parts_) {
      const auto of = [&](const std::vector<TensorId>& ids, int i) {
        return elements_of<std::byte>(tensors, ids[static_cast<size_t>(i)]);
      };
      const auto* value = reinterpret_cast<const std::byte*>(&part.value);
      places_.push_back({part.input == ops::Copy::kNoInput ? value : of(inputs, part.input), of(outputs, part.output)});
    }
  }

  Expected<void> run(const RunContext& context) override {
    for (size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      const Place& place = places_[i];
      context.pool.run(part.pieces.count, context.threads, [&](int64_t piece, int) {
        const int64_t first = piece * part.pieces.rows;
        run_rows(part, place, first, first + part.pieces.rows);
      });
    }
    return {};
  }

 private:
  struct Place {
    const std::byte* in;
    std::byte* out;
  };

  // Rows [first, end) of all rounds' rows, one round after the other.
  void run_rows(const Part& part, const Place& place, int64_t first, int64_t end) const {
    while (first < end) {
      const int64_t round = first / part.rows.count, row = first % part.rows.count;
      const int64_t count = std::min(part.rows.count - row, end - first);
      int64_t in, out;
      part.start_of(round, in, out);
      if (round >= rounds(part)) return;
      const std::byte* from = place.in + in + row * part.rows.in;
      std::byte* to = place.out + out + row * part.rows.out;
      if (part.table >= 0) {
        translate(part, from, to, count);
      } else {
        copy_.copy({from, part.rows.in, part.columns.in, to, part.rows.out, part.columns.out, count, part.columns.count,
                    part.element_bytes, part.may_read_behind});
      }
      first += count;
    }
  }

  static int64_t rounds(const Part& part) {
    int64_t count = 1;
    for (const ops::ViewLoop& loop : part.outer) count *= loop.count;
    return count;
  }

  void translate(const Part& part, const std::byte* in, std::byte* out, int64_t rows) const {
    const uint8_t* table = tables_[static_cast<size_t>(part.table)].values.data();
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < part.columns.count; ++c) {
        bytes_.lookup({reinterpret_cast<const uint8_t*>(in + r * part.rows.in + c * part.columns.in),
                       part.element_bytes, table,
                       reinterpret_cast<uint8_t*>(out + r * part.rows.out + c * part.columns.out)});
      }
    }
  }

  const CopyKernel& copy_;
  const ElementwiseQ8Kernel& bytes_;
  std::vector<Part> parts_;
  std::vector<Table> tables_;
  std::vector<Place> places_;
};

// Of the loops of a copy, in bytes: a run side by side is one element, a long one is cut into chunks.
class PartMaker {
 public:
  PartMaker(const Planner& planner, size_t node) : planner_(planner), view_(planner.view(node)) {}

  void add(const ops::Copy& copy) {
    const auto& extents = copy.to.extents;
    if (std::find(extents.begin(), extents.end(), 0) != extents.end()) return;
    const int64_t size = size_bytes(view_.output_dtype(copy.output));
    Part part{};
    part.input = copy.input;
    part.output = copy.output;
    part.value = copy.value;
    part.element_bytes = size;
    part.table = -1;
    part.out_offset = copy.to.offset * size;
    ops::View from = copy.from;
    if (copy.input == ops::Copy::kNoInput) {
      from = {extents, std::vector<int64_t>(extents.size(), 0), 0};
    } else {
      part.in_offset = from.offset * size;
      part.may_read_behind = !planner_.is_known(view_.node().inputs[static_cast<size_t>(copy.input)]);
    }
    if (copy.table) {
      part.table = static_cast<int>(tables.size());
      tables.push_back({*copy.table});
    }
    auto loops = ops::view_loops(from, copy.to);
    for (ops::ViewLoop& loop : loops) {
      loop.in *= size;
      loop.out *= size;
    }
    if (!loops.empty() && loops.back().in == size && loops.back().out == size) {
      part.element_bytes = loops.back().count * size;
      loops.pop_back();
    }
    add_chunks(std::move(part), std::move(loops));
  }

  std::vector<Part> parts;
  std::vector<Table> tables;

 private:
  void add_chunks(Part part, std::vector<ops::ViewLoop> loops) {
    if (part.element_bytes < 2 * kChunkBytes) return add_part(std::move(part), std::move(loops));
    const int64_t whole = part.element_bytes / kChunkBytes * kChunkBytes, rest = part.element_bytes - whole;
    if (rest > 0) {
      Part last = part;
      last.in_offset += whole;
      last.out_offset += whole;
      last.element_bytes = rest;
      add_part(std::move(last), loops);
    }
    loops.push_back({whole / kChunkBytes, kChunkBytes, kChunkBytes});
    part.element_bytes = kChunkBytes;
    add_part(std::move(part), std::move(loops));
  }

  void add_part(Part part, std::vector<ops::ViewLoop> loops) {
    const auto take = [&] {
      const ops::ViewLoop loop = loops.back();
      loops.pop_back();
      return loop;
    };
    if (loops.size() > 1) part.columns = take();
    if (!loops.empty()) part.rows = take();
    part.outer.assign(loops.rbegin(), loops.rend());
    int64_t rows = part.rows.count;
    for (const ops::ViewLoop& loop : part.outer) rows *= loop.count;
    const int64_t row_bytes = part.columns.count * part.element_bytes;
    part.pieces = pieces_of(rows, kChunkBytes / row_bytes + 1, rows, planner_.threads());
    parts.push_back(std::move(part));
  }

  const Planner& planner_;
  ops::NodeView view_;
};

// Might the tensor lie where an input of the graph does?
bool may_be_input(const Planner& planner, TensorId id) {
  const auto producer = planner.producer(id);
  if (!producer) return true;
  const ops::OpDef* op = ops::find_op(planner.node(*producer));
  return op != nullptr && op->copies != nullptr;
}

// Does the only copy to an output take a run of an input that the planner may let it share? Then from which byte on.
std::optional<int64_t> shared_from(const Planner& planner, const ops::NodeView& n, const ops::Copies& copies,
                                   int output) {
  const auto is_to = [&](const ops::Copy& c) { return c.output == output; };
  const auto copy = std::find_if(copies.begin(), copies.end(), is_to);
  if (std::count_if(copies.begin(), copies.end(), is_to) != 1 || copy->input == ops::Copy::kNoInput || copy->table) {
    return {};
  }
  const TensorId from = n.node().inputs[static_cast<size_t>(copy->input)],
                 to = n.node().outputs[static_cast<size_t>(output)];
  const Graph& graph = planner.graph();
  // A caller may write the graph's inputs while he looks at its outputs; who writes a variable does so at other times.
  const bool is_apart = !planner.is_written_once(to) || planner.is_known(from) ||
                        !(planner.is_written_once(from) || graph.is_input(from)) || graph.tensor(from).is_variable ||
                        graph.tensor(to).is_variable || (graph.is_output(to) && may_be_input(planner, from));
  const auto loops = ops::view_loops(copy->from, copy->to);
  const bool is_run = loops.empty() || (loops.size() == 1 && loops[0].in == 1 && loops[0].out == 1);
  const int64_t elements = loops.empty() ? 1 : loops[0].count;
  const int64_t offset = copy->from.offset * size_bytes(n.output_dtype(output));
  if (is_apart || !is_run || elements != n.output_shape(output).elements() || offset % kAlignment != 0) return {};
  return offset;
}

}  // namespace

std::unique_ptr<Step> make_copy_step(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  const ops::OpDef* op = ops::find_op(n.node());
  if (op == nullptr || !op->copies) return nullptr;
  const auto copies = op->copies(n);
  if (!copies) return nullptr;
  PartMaker maker(planner, node);
  std::vector<Step::Alias> aliases;
  for (int output = 0; output < n.output_count(); ++output) {
    const auto offset = shared_from(planner, n, *copies, output);
    for (const ops::Copy& copy : *copies) {
      if (copy.output != output) continue;
      if (!offset) {
        maker.add(copy);
      } else {
        aliases.push_back(
            {n.node().outputs[static_cast<size_t>(output)], n.node().inputs[static_cast<size_t>(copy.input)], *offset});
      }
    }
  }
  const CopyKernel& kernel = kernels::select_copy(planner.isa());
  const ElementwiseQ8Kernel& bytes = kernels::select_elementwise_q8(planner.isa());
  std::string name = maker.parts.empty() ? "in_place" : maker.tables.empty() ? kernel.name : bytes.name;
  auto step = std::make_unique<CopyStep>(kernel, bytes, std::move(maker.parts), std::move(maker.tables));
  step->nodes = {node};
  step->kernel_name = std::move(name);
  for (const ops::Copy& copy : *copies) {
    if (copy.input == ops::Copy::kNoInput) continue;
    const TensorId id = n.node().inputs[static_cast<size_t>(copy.input)];
    if (std::find(step->reads.begin(), step->reads.end(), id) == step->reads.end()) step->reads.push_back(id);
  }
  step->writes = n.node().outputs;
  step->inputs = n.node().inputs;
  step->outputs = n.node().outputs;
  step->aliases = std::move(aliases);
  return step;
}

}  // namespace monolite::runtime
