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

// A dilated convolution spelled out as three nodes, by their indices.
struct Spelled {
  size_t to_batch, conv, to_space;
  std::vector<int32_t> block;
  Padding2D padding;
};

class Merger {
 public:
  Merger(Graph& graph, bool only_before_bias) : g_(graph), uses_(graph), only_before_bias_(only_before_bias) {
    last_reader_.resize(g_.tensors.size(), -1);
    for (size_t i = 0; i < g_.nodes.size(); ++i) {
      for (const TensorId id : g_.nodes[i].inputs) {
        if (id != kNoTensor) last_reader_[static_cast<size_t>(id)] = static_cast<int>(i);
      }
    }
  }

  int run() {
    std::vector<bool> gone(g_.nodes.size());
    int merged = 0;
    for (size_t i = 0; i < gone.size(); ++i) {
      const auto spelled = match(i);
      if (!spelled) continue;
      rewrite(*spelled);
      gone[spelled->to_batch] = gone[spelled->to_space] = true;
      ++merged;
    }
    // PADs take the place of the SPACE_TO_BATCH_ND that stood before their convolution; from the back, so that indices
    // hold.
    std::sort(pads_.begin(), pads_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (auto& [at, pad] : pads_) {
      g_.nodes.insert(g_.nodes.begin() + static_cast<std::ptrdiff_t>(at), std::move(pad));
      gone.insert(gone.begin() + static_cast<std::ptrdiff_t>(at), false);
    }
    erase_nodes(g_, gone);
    return merged;
  }

 private:
  // The single reader of a node's output, or nullptr.
  const Node* reader_of(const Node& n) const {
    const TensorId id = n.outputs[0];
    const int reader = uses_.readers(id) == 1 ? last_reader_[static_cast<size_t>(id)] : -1;
    return reader < 0 ? nullptr : &g_.nodes[static_cast<size_t>(reader)];
  }
  size_t index_of(const Node* n) const { return static_cast<size_t>(n - g_.nodes.data()); }

  std::optional<Spelled> match(size_t index) const {
    const Node& to_batch = g_.nodes[index];
    if (to_batch.op != OpCode::SPACE_TO_BATCH_ND) return {};
    const Node* conv = reader_of(to_batch);
    if (conv == nullptr || !is_plain_valid_convolution(*conv)) return {};
    const Node* to_space = reader_of(*conv);
    if (to_space == nullptr || to_space->op != OpCode::BATCH_TO_SPACE_ND) return {};
    const auto block = int32s(g_, to_batch.inputs[1], 2), back = int32s(g_, to_space->inputs[1], 2);
    const auto pads = int32s(g_, to_batch.inputs[2], 4), crops = int32s(g_, to_space->inputs[2], 4);
    if (!block || !pads || !crops || back != block) return {};
    if (only_before_bias_) {
      const Node* next = reader_of(*to_space);
      if (next == nullptr || !adds_constant(g_, *next)) return {};
    }
    const auto padding =
        padding_of(g_, to_batch.inputs[0], conv->inputs[1], to_space->outputs[0], *block, *pads, *crops);
    if (!padding) return {};
    return Spelled{index, index_of(conv), index_of(to_space), *block, *padding};
  }

  void rewrite(const Spelled& s) {
    const TensorId out = g_.nodes[s.to_space].outputs[0];
    TensorId input = g_.nodes[s.to_batch].inputs[0];
    if (!s.padding.is_same && !s.padding.is_valid) {
      Node pad = padded(input, s.padding, g_.tensor(out).name);
      input = pad.outputs[0];
      pads_.emplace_back(s.conv, std::move(pad));
    }
    Node& conv = g_.nodes[s.conv];
    conv.inputs[0] = input;
    conv.outputs[0] = out;
    conv.attributes.set("padding", int64_t{s.padding.is_same ? 0 : 1});
    conv.attributes.set("dilation_h_factor", int64_t{s.block[0]});
    conv.attributes.set("dilation_w_factor", int64_t{s.block[1]});
  }

  Node padded(TensorId input, const Padding2D& p, std::string name) {
    const Shape x = g_.tensor(input).shape;
    Tensor amounts, made;
    amounts.name = name + "/paddings";
    amounts.dtype = DType::int32;
    amounts.shape = {4, 2};
    amounts.data = Buffer::of(std::vector<int32_t>{0, 0, p.before[0], p.after[0], p.before[1], p.after[1], 0, 0});
    made.name = name + "/pad";
    made.dtype = g_.tensor(input).dtype;
    made.shape = {x[0], x[1] + p.before[0] + p.after[0], x[2] + p.before[1] + p.after[1], x[3]};
    Node pad;
    pad.op = OpCode::PAD;
    pad.attributes.set_table("PadOptions");
    pad.inputs = {input, g_.add(std::move(amounts))};
    pad.outputs = {g_.add(std::move(made))};
    return pad;
  }

  Graph& g_;
  const Uses uses_;
  const bool only_before_bias_;
  std::vector<int> last_reader_;
  std::vector<std::pair<size_t, Node>> pads_;  // and before which node each is to stand
};

}  // namespace

int merge_dilation(Lowered& lowered, bool only_before_bias) {
  return Merger(lowered.model.graphs[0], only_before_bias).run();
}

}  // namespace monolite::conversion
