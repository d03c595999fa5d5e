#include "runtime/ending_f32.h"

#include <algorithm>

#include "runtime/fused_activation.h"

namespace monolite::runtime {
namespace {

constexpr int kMostVector = 16;  // floats of a kernel's vector

bool is_sum_or_product(const ops::NodeView& n) {
  return (n.node().op == OpCode::ADD || n.node().op == OpCode::MUL) && n.dtype(0) == DType::float32 &&
         n.output_shape(0).rank() > 0;
}

std::optional<size_t> absorbable(const Planner& planner, size_t i, int k, std::initializer_list<OpCode> ops) {
  for (const OpCode op : ops) {
    if (const auto node = planner.absorbable(i, k, op)) return node;
  }
  return {};
}

bool is_row(const Shape& shape, int32_t channels) {
  return shape.elements() == channels && shape.rank() > 0 && shape.back(0) == channels;
}

std::vector<float> filled(const ops::NodeView& n, int k, int32_t channels) {
  std::vector<float> values(static_cast<size_t>(channels) + kMostVector);
  const float* from = n.data<float>(k);
  const bool is_number = n.shape(k).elements() == 1;
  for (int32_t c = 0; c < channels; ++c) values[static_cast<size_t>(c)] = from[is_number ? 0 : c];
  return values;
}

}  // namespace

EndingF32::Part EndingF32::part_of(const Planner& planner, size_t i, int k) const {
  const ops::NodeView n = planner.view(i);
  const Shape &out = n.output_shape(0), &other = n.shape(1 - k);
  if (n.shape(k) != out) return Part::none;
  const int32_t channels = out.back(0);
  const bool is_constant = planner.is_known(n.node().inputs[static_cast<size_t>(1 - k)]);
  if (n.node().op == OpCode::MUL) {
    return is_constant && (other.elements() == 1 || is_row(other, channels)) ? Part::scale : Part::none;
  }
  if (is_constant) return other.elements() == 1 || is_row(other, channels) ? Part::shift : Part::none;
  if (other == out) return Part::residual;
  return is_row(other, channels) ? Part::shift : Part::none;
}

void EndingF32::take(const Planner& planner, size_t i, int k, Part part) {
  const ops::NodeView n = planner.view(i);
  const TensorId other = n.node().inputs[static_cast<size_t>(1 - k)];
  const int32_t channels = n.output_shape(0).back(0);
  if (part == Part::residual) residual_id_ = other;
  if (part == Part::scale) scale_ = filled(n, 1 - k, channels);
  if (part == Part::shift && planner.is_known(other)) shift_ = filled(n, 1 - k, channels);
  if (part == Part::shift && !planner.is_known(other)) row_id_ = other;
  nodes_.push_back(i);
}

void EndingF32::take_residuals_own(const Planner& planner, size_t i, int k) {
  if (!scale_.empty() || row_id_ != kNoTensor) return;  // the kernel has one shift, behind the scale
  const auto sum = planner.absorbable(i, k, OpCode::ADD);
  if (!sum || fused_activation(planner.view(*sum)) != ops::Activation::none) return;
  for (int in_sum = 0; in_sum < 2; ++in_sum) {
    const auto product = planner.absorbable(*sum, in_sum, OpCode::MUL);
    if (!product || fused_activation(planner.view(*product)) != ops::Activation::none) continue;
    const ops::NodeView s = planner.view(*sum), p = planner.view(*product);
    for (int in_product = 0; in_product < 2; ++in_product) {
      if (part_of(planner, *sum, in_sum) != Part::shift || part_of(planner, *product, in_product) != Part::scale ||
          !planner.is_known(s.node().inputs[static_cast<size_t>(1 - in_sum)])) {
        continue;
      }
      const int32_t channels = s.output_shape(0).back(0);
      residual_id_ = p.node().inputs[static_cast<size_t>(in_product)];
      residual_scale_ = filled(p, 1 - in_product, channels);
      const std::vector<float> shift = filled(s, 1 - in_sum, channels);
      shift_.resize(shift.size());
      for (size_t c = 0; c < shift.size(); ++c) shift_[c] += shift[c];
      nodes_.insert(nodes_.end(), {*product, *sum});
      return;
    }
  }
}

std::optional<EndingF32> EndingF32::find(const Planner& planner, size_t last, std::initializer_list<OpCode> products) {
  EndingF32 ending;
  Part behind = Part::none;  // the part last taken, which stands behind those to come
  for (size_t i = last;;) {
    const ops::NodeView n = planner.view(i);
    if (!is_sum_or_product(n) || (i != last && fused_activation(n) != ops::Activation::none)) return {};
    std::optional<size_t> before;
    for (int k = 0; k < 2 && !before; ++k) {
      const Part part = ending.part_of(planner, i, k);
      if (part == Part::none || (behind != Part::none && part >= behind)) continue;
      if (const auto product = absorbable(planner, i, k, products)) {
        if (fused_activation(planner.view(*product)) != ops::Activation::none) return {};
        ending.take(planner, i, k, part);
        if (part == Part::residual) ending.take_residuals_own(planner, i, 1 - k);
        ending.product_ = *product;
        ending.range_ = ops::float_range(fused_activation(planner.view(last)));
        ending.out_id_ = planner.node(last).outputs[0];
        return ending;
      }
      if (part == Part::residual) continue;
      before = absorbable(planner, i, k, {OpCode::ADD, OpCode::MUL});
      if (!before) continue;
      ending.take(planner, i, k, part);
      behind = part;
    }
    if (!before) return {};
    i = *before;
  }
}

void EndingF32::extend(Step& step) const {
  step.nodes.insert(step.nodes.end(), nodes_.begin(), nodes_.end());
  std::sort(step.nodes.begin(), step.nodes.end());
  for (const TensorId id : {residual_id_, row_id_}) {
    if (id != kNoTensor) step.reads.push_back(id);
  }
  step.writes = {out_id_};
}

void EndingF32::bind(std::span<const ops::TensorState> tensors) {
  const auto at = [&](TensorId id) { return id == kNoTensor ? nullptr : elements_of<const float>(tensors, id); };
  residual_ = at(residual_id_);
  row_ = at(row_id_);
  out_ = at(out_id_);
}

void EndingF32::set(kernels::GemmF32Args& args, int first_channel) const {
  if (residual_ != nullptr) args.residual = residual_ + (args.out - out_);
  if (!residual_scale_.empty()) args.residual_scale = residual_scale_.data() + first_channel;
  if (!scale_.empty()) args.scale = scale_.data() + first_channel;
  if (!shift_.empty()) args.shift = shift_.data() + first_channel;
  if (row_ != nullptr) args.shift = row_ + first_channel;
}

}  // namespace monolite::runtime
