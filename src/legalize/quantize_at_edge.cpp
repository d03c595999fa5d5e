// quantize_at_edge
//   match    QUANTIZE or DEQUANTIZE that alone reads an input of the model, or that makes an output
//   rewrite  nothing: the model's input or output has the type inside
//   proof    exact, where the caller does what the node did
//   cost     none; not with --keep-io
//   for      targets that take no such conversion (NNAPI 1.2: to int8)
#include <fmt/format.h>

#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

std::string type_text(const Tensor& t) {
  std::string text(name(t.dtype));
  const Quantization& q = t.quantization;
  if (t.dtype != DType::float32 && q.scale.size() == 1 && q.zero_point.size() == 1) {
    text += fmt::format(" ({:.6g} * (q - {}))", q.scale[0], q.zero_point[0]);
  }
  return text;
}

Applied changed(const char* which, const std::string& name, const Tensor& now, const Tensor& was) {
  Applied applied{.note = fmt::format("the model's {} is {} now", which, type_text(now))};
  applied.interface_change = fmt::format("{} \"{}\" is {}, was {}", which, name, type_text(now), type_text(was));
  const bool is_shift = now.dtype == DType::int8 && was.dtype == DType::uint8 &&
                        now.quantization.scale == was.quantization.scale && was.quantization.zero_point.size() == 1 &&
                        now.quantization.zero_point.size() == 1 &&
                        was.quantization.zero_point[0] - now.quantization.zero_point[0] == 128;
  if (is_shift) applied.interface_change += fmt::format(": {} 128", std::string(which) == "input" ? "subtract" : "add");
  return applied;
}

Outcome apply(const Site& site) {
  if (site.keep_io) return no_match("--keep-io was asked for");
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  if (in == kNoTensor || out == kNoTensor) return no_match();
  const Tensor was_in = site.tensor(in), was_out = site.tensor(out);
  if (was_in.dtype == was_out.dtype) return no_match();
  if (g.is_input(in) && !g.is_output(out) && site.only_reader(in) >= 0) {
    passes::bypass_node(site.model, 0, site.index, in);
    Tensor& input = g.tensor(in);
    input.dtype = was_out.dtype;
    input.quantization = was_out.quantization;
    return changed("input", was_in.name, was_out, was_in);
  }
  if (g.is_output(out) && g.consumers(out).empty() && !g.is_input(in) && !was_in.is_constant()) {
    passes::bypass_node(site.model, 0, site.index, in);
    return changed("output", was_out.name, was_in, was_out);
  }
  return no_match();
}

}  // namespace

extern const Rewrite quantize_at_edge;
const Rewrite quantize_at_edge{.name = "quantize_at_edge",
                               .summary = "the model's input or output in the type that is used inside",
                               .proof = Proof::exact,
                               .ops = {OpCode::QUANTIZE, OpCode::DEQUANTIZE},
                               .apply = apply};

}  // namespace monolite::legalize
