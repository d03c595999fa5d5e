#include <optional>

#include "convert/passes.h"
#include "convert/uses.h"
#include "ops/window.h"

namespace monolite::conversion {
namespace {

// Elements of a constant int32 tensor; nothing where it is none or not of this size.
std::optional<std::vector<int32_t>> int32s(const Graph& g, TensorId id, size_t count) {
  const Tensor& t = g.tensor(id);
  if (!t.is_constant() || t.dtype != DType::int32 || t.data.size_bytes() != count * sizeof(int32_t)) return {};
  std::vector<int32_t> values(count);
  std::memcpy(values.data(), t.data.data(), t.data.size_bytes());
  return values;
}

int64_t number(const Node& n, const char* field, int64_t otherwise) {
  const AttributeValue* v = n.attributes.find(field);
  return v == nullptr ? otherwise : std::get<int64_t>(*v);
}

bool is_plain_valid_convolution(const Node& n) {
  return (n.op == OpCode::CONV_2D || n.op == OpCode::DEPTHWISE_CONV_2D) && number(n, "padding", 0) == 1 &&
         number(n, "stride_h", 0) == 1 && number(n, "stride_w", 0) == 1 && number(n, "dilation_h_factor", 1) == 1 &&
         number(n, "dilation_w_factor", 1) == 1;
}

struct Padding2D {
  int32_t before[2], after[2];
  bool is_same = true, is_valid = true;
};

// What the picture is padded by, seen from the dilated convolution; nothing where it cuts instead.
std::optional<Padding2D> padding_of(const Graph& g, TensorId in, TensorId filter, TensorId out,
                                    const std::vector<int32_t>& block, const std::vector<int32_t>& pads,
                                    const std::vector<int32_t>& crops) {
  const Shape &x = g.tensor(in).shape, &f = g.tensor(filter).shape, &y = g.tensor(out).shape;
  if (x.rank() != 4 || f.rank() != 4 || y.rank() != 4) return {};
  Padding2D p{};
  p.is_same = p.is_valid = true;
  for (int a = 0; a < 2; ++a) {
    const auto i = static_cast<size_t>(a);
    const ops::WindowAxis axis{x[a + 1], f[a + 1], 1, block[i], ops::Padding::same};
    const int64_t before = int64_t{pads[2 * i]} - crops[2 * i];
    const int64_t after = y[a + 1] + axis.reach() - 1 - x[a + 1] - before;
    if (before < 0 || after < 0 || before > INT32_MAX || after > INT32_MAX) return {};
    p.before[a] = static_cast<int32_t>(before);
    p.after[a] = static_cast<int32_t>(after);
    if (y[a + 1] != x[a + 1] || before != axis.pad_before()) p.is_same = false;
    if (before != 0 || after != 0) p.is_valid = false;
  }
  return p;
}

bool adds_constant(const Graph& g, const Node& n) {
  return n.op == OpCode::ADD && (g.tensor(n.inputs[0]).is_constant() || g.tensor(n.inputs[1]).is_constant());
}

// The single reader of a tensor, or -1.
int reader_of(const Uses& uses, const std::vector<int>& last_reader, TensorId id) {
  return uses.readers(id) == 1 ? last_reader[static_cast<size_t>(id)] : -1;
}

}  // namespace

int merge_dilation(Lowered& lowered, bool only_before_bias) {
  Graph& g = lowered.model.graphs[0];
  const Uses uses(g);
  std::vector<int> last_reader(g.tensors.size(), -1);
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    for (const TensorId id : g.nodes[i].inputs) {
      if (id != kNoTensor) last_reader[static_cast<size_t>(id)] = static_cast<int>(i);
    }
  }
  std::vector<bool> gone(g.nodes.size());
  std::vector<std::pair<size_t, Node>> pads_to_insert;
  int merged = 0;
  for (size_t i = 0; i < gone.size(); ++i) {
    const Node to_batch = g.nodes[i];
    if (to_batch.op != OpCode::SPACE_TO_BATCH_ND) continue;
    const int conv_index = reader_of(uses, last_reader, to_batch.outputs[0]);
    if (conv_index < 0 || !is_plain_valid_convolution(g.nodes[static_cast<size_t>(conv_index)])) continue;
    const int back_index = reader_of(uses, last_reader, g.nodes[static_cast<size_t>(conv_index)].outputs[0]);
    if (back_index < 0 || g.nodes[static_cast<size_t>(back_index)].op != OpCode::BATCH_TO_SPACE_ND) continue;
    const Node to_space = g.nodes[static_cast<size_t>(back_index)];
    const auto block = int32s(g, to_batch.inputs[1], 2), back = int32s(g, to_space.inputs[1], 2);
    const auto pads = int32s(g, to_batch.inputs[2], 4), crops = int32s(g, to_space.inputs[2], 4);
    if (!block || !pads || !crops || back != block) continue;
    if (only_before_bias) {
      const int next = reader_of(uses, last_reader, to_space.outputs[0]);
      if (next < 0 || !adds_constant(g, g.nodes[static_cast<size_t>(next)])) continue;
    }
    const auto filter = g.nodes[static_cast<size_t>(conv_index)].inputs[1];
    const auto padding = padding_of(g, to_batch.inputs[0], filter, to_space.outputs[0], *block, *pads, *crops);
    if (!padding) continue;
    TensorId input = to_batch.inputs[0];
    if (!padding->is_same && !padding->is_valid) {
      const Shape x = g.tensor(input).shape;
      Tensor amounts, padded;
      amounts.name = g.tensor(to_space.outputs[0]).name + "/paddings";
      amounts.dtype = DType::int32;
      amounts.shape = {4, 2};
      amounts.data = Buffer::of(std::vector<int32_t>{0, 0, padding->before[0], padding->after[0], padding->before[1],
                                                     padding->after[1], 0, 0});
      padded.name = g.tensor(to_space.outputs[0]).name + "/pad";
      padded.dtype = g.tensor(input).dtype;
      padded.shape = {x[0], x[1] + padding->before[0] + padding->after[0],
                      x[2] + padding->before[1] + padding->after[1], x[3]};
      Node pad;
      pad.op = OpCode::PAD;
      pad.attributes.set_table("PadOptions");
      const TensorId amounts_id = g.add(std::move(amounts)), padded_id = g.add(std::move(padded));
      pad.inputs = {input, amounts_id};
      pad.outputs = {padded_id};
      pads_to_insert.emplace_back(static_cast<size_t>(conv_index), std::move(pad));
      input = padded_id;
    }
    Node& conv = g.nodes[static_cast<size_t>(conv_index)];
    conv.inputs[0] = input;
    conv.outputs[0] = to_space.outputs[0];
    conv.attributes.set("padding", int64_t{padding->is_same ? 0 : 1});
    conv.attributes.set("dilation_h_factor", int64_t{(*block)[0]});
    conv.attributes.set("dilation_w_factor", int64_t{(*block)[1]});
    gone[i] = gone[static_cast<size_t>(back_index)] = true;
    ++merged;
  }
  // PADs take the place of the SPACE_TO_BATCH_ND that stood before their convolution; from the back, so that indices
  // hold.
  std::sort(pads_to_insert.begin(), pads_to_insert.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [at, pad] : pads_to_insert) {
    g.nodes.insert(g.nodes.begin() + static_cast<std::ptrdiff_t>(at), std::move(pad));
    gone.insert(gone.begin() + static_cast<std::ptrdiff_t>(at), false);
  }
  erase_nodes(g, gone);
  return merged;
}

}  // namespace monolite::conversion
