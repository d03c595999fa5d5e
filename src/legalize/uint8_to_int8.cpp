// uint8_to_int8
//   match    any node that reads or writes a quantized uint8 tensor
//   rewrite  the whole model with int8 instead: activations shifted by 128, weights less their zero point; with
//            --keep-io a QUANTIZE at each edge
//   proof    approximate: the same reals but for weights that do not fit, yet uint8 and int8 kernels take their
//            multipliers from scales of other precision, and pools and resizes round otherwise; each node may be a
//            step off
//   cost     none
//   for      targets that take int8 only
#include <fmt/format.h>

#include <algorithm>

#include "legalize/rewrite.h"
#include "quantize/to_int8.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  const auto is_uint8 = [&](TensorId id) {
    return id != kNoTensor && site.tensor(id).dtype == DType::uint8 && site.tensor(id).quantization.is_quantized();
  };
  const Node& node = site.node();
  if (std::none_of(node.inputs.begin(), node.inputs.end(), is_uint8) &&
      std::none_of(node.outputs.begin(), node.outputs.end(), is_uint8)) {
    return no_match();
  }
  const Graph& g = site.graph();
  const bool changes_edge = std::any_of(g.inputs.begin(), g.inputs.end(), is_uint8) ||
                            std::any_of(g.outputs.begin(), g.outputs.end(), is_uint8);
  const auto report = quantize::to_int8(site.model, {.keep_io = site.keep_io});
  if (!report) return no_match(report.error().where + ": " + report.error().found);
  Applied applied{
      .proof = Proof::approximate,
      .note = fmt::format("{} activations and {} filters are int8 now; {} channels have weights that did not fit and "
                          "were rounded to a larger scale",
                          report->activations, report->filters, report->requantized_channels)};
  if (changes_edge && !site.keep_io) {
    applied.interface_change = "uint8 inputs and outputs are int8: subtract 128 from inputs, add 128 to outputs";
  }
  return applied;
}

}  // namespace

extern const Rewrite uint8_to_int8;
const Rewrite uint8_to_int8{.name = "uint8_to_int8",
                            .summary = "the whole model in int8 instead of uint8",
                            .proof = Proof::approximate,
                            .ops = {},
                            .apply = apply};

}  // namespace monolite::legalize
