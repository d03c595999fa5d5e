#include "runtime/resize_samples.h"

#include <cmath>

#include "ops/elementwise.h"
#include "ops/resize_samples.h"

namespace monolite::runtime {
namespace {

struct Axis {
  std::vector<ResizeRow> samples;
  bool is_identity = true, is_within = true, is_exact = true, fits = true;
};

Axis axis(int32_t in, int32_t out, const ops::ResizeBilinear& a, bool is_integer) {
  Axis axis;
  const auto floats = ops::float_samples(in, out, a);
  const auto integers = ops::integer_samples(in, out, a);
  for (size_t i = 0; i < floats.size(); ++i) {
    const auto& f = floats[i];
    const auto& k = integers[i];
    axis.samples.push_back({is_integer ? k.lower : f.lower, is_integer ? k.upper : f.upper, f.fraction, k.fraction});
    const double fraction = is_integer ? k.fraction / 1024.0 : static_cast<double>(f.fraction);
    axis.is_identity = axis.is_identity && fraction == 0 && axis.samples.back().upper == static_cast<int32_t>(i);
    axis.is_within = axis.is_within && fraction >= 0 && fraction <= 1;
    // Two weights of 8 bits and a value of 8 bits: 24 bits, as many as float32 has.
    axis.is_exact = axis.is_exact && (is_integer || fraction * 256 == std::floor(fraction * 256));
    axis.fits = axis.fits && fraction >= -1 && fraction <= 2;
  }
  axis.is_identity = axis.is_identity && in == out;
  return axis;
}

}  // namespace

std::optional<ResizeSamples> resize_samples(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::RESIZE_BILINEAR || !planner.are_known(node, 1)) return {};
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(0);
  if (!ops::is_8bit(type) && type != DType::float32) return {};
  const Shape &in = n.shape(0), &out = n.output_shape(0);
  if (in.elements() == 0 || out.elements() == 0) return {};
  // Columns are offsets in 32 bits.
  if (in.elements(2, 4) > INT32_MAX) return {};
  const auto a = n.attributes<ops::ResizeBilinear>();
  Axis y = axis(in[1], out[1], a, type == DType::int8);
  const Axis x = axis(in[2], out[2], a, type == DType::int8);
  if (!y.fits || !x.fits) return {};
  ResizeSamples s{std::move(y.samples),
                  {},
                  in[1],
                  in[2],
                  in[0],
                  in[3],
                  y.is_identity && x.is_identity,
                  y.is_within && x.is_within,
                  y.is_exact && x.is_exact};
  for (const ResizeRow& c : x.samples) s.columns.push_back({c.upper * in[3], c.lower * in[3], c.fraction, c.steps});
  return s;
}

}  // namespace monolite::runtime
