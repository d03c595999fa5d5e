// RESIZE_BILINEAR (and before it resizes that change nothing), then ARG_MAX over the channels, without the resized
// tensor.
//   match   uint8, int8 or float32, up to 1024 channels; nobody else reads the resized tensor
//   kernel  resize_bilinear's argmax, all output rows between two input rows at a time

#include "kernels/resize_bilinear/select.h"
#include "runtime/fast_steps.h"
#include "runtime/resize_samples.h"

namespace monolite::runtime {
namespace {

using kernels::ResizeArgmaxArgs;
using kernels::ResizeBilinearKernel;
using kernels::ResizeCell;
using ArgmaxFunction = void (*)(const ResizeArgmaxArgs&);

// Output rows between the same two input rows.
struct Band {
  int32_t upper, lower, first, count;
};

class ResizeArgmaxStep : public Step {
 public:
  ResizeArgmaxStep(ResizeSamples samples, ArgmaxFunction argmax, int64_t element_bytes, int label_bytes)
      : s_(std::move(samples)), argmax_(argmax), element_bytes_(element_bytes), label_bytes_(label_bytes) {
    for (size_t i = 0; i < s_.rows.size(); ++i) {
      const ResizeRow& r = s_.rows[i];
      fractions_.push_back(r.fraction);
      steps_.push_back(r.steps);
      if (bands_.empty() || bands_.back().upper != r.upper || bands_.back().lower != r.lower) {
        bands_.push_back({r.upper, r.lower, static_cast<int32_t>(i), 0});
      }
      ++bands_.back().count;
    }
    for (size_t i = 0; i < s_.columns.size(); ++i) {
      const auto& c = s_.columns[i];
      if (cells_.empty() || cells_.back().left != c.left || cells_.back().right != c.right ||
          cells_.back().count == kernels::kMostCellColumns) {
        cells_.push_back({c.left, c.right, static_cast<int32_t>(i), 0});
      }
      ++cells_.back().count;
    }
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    const auto bands = static_cast<int64_t>(bands_.size());
    context.pool.run(bands * s_.batches, context.threads,
                     [&](int64_t piece, int) { label(piece / bands, bands_[static_cast<size_t>(piece % bands)]); });
    return {};
  }

 private:
  void label(int64_t batch, const Band& band) const {
    const int64_t in_row = int64_t{s_.in_width} * s_.channels * element_bytes_;
    const auto width = static_cast<int64_t>(s_.columns.size()), height = static_cast<int64_t>(s_.rows.size());
    const uint8_t* picture = in_ + batch * s_.in_height * in_row;
    ResizeArgmaxArgs args{};
    args.top = picture + band.upper * in_row;
    args.bottom = picture + band.lower * in_row;
    args.channels = s_.channels;
    args.cells = cells_.data();
    args.cell_count = static_cast<int64_t>(cells_.size());
    args.columns = s_.columns.data();
    args.fractions = fractions_.data() + band.first;
    args.steps = steps_.data() + band.first;
    args.rows = band.count;
    // Outside of [0, 1] (half-pixel centres, at the border) both corners are the same element, and the rounding of
    // float32 may go either way: two steps are more than all of it.
    args.margin_before = s_.is_within ? 0 : 2;
    args.margin_behind = s_.is_within && s_.is_exact ? 1 : 2;
    // Six roundings on either side, of terms whose sizes sum up to nine times the corners' at the border.
    args.relative_before = s_.is_within ? 0 : 0x1p-17F;
    args.relative_behind = s_.is_within ? 0x1p-20F : 0x1p-17F;
    args.label_bytes = label_bytes_;
    args.label_stride = width * label_bytes_;
    args.labels = out_ + (batch * height + band.first) * args.label_stride;
    argmax_(args);
  }

  ResizeSamples s_;
  ArgmaxFunction argmax_;
  int64_t element_bytes_;
  int label_bytes_;
  std::vector<Band> bands_;
  std::vector<ResizeCell> cells_;
  std::vector<float> fractions_;
  std::vector<int32_t> steps_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
};

// Is the dimension that an ARG_MAX goes along the innermost of four?
bool is_along_channels(const ops::NodeView& n) {
  if (n.shape(0).rank() != 4 || !n.has_value(1)) return false;
  const auto axis = n.int_scalar(1);
  return axis && (*axis == 3 || *axis == -1);
}

}  // namespace

std::unique_ptr<Step> make_resize_argmax_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::ARG_MAX || !planner.are_known(node, 1) ||
      !is_along_channels(planner.view(node))) {
    return nullptr;
  }
  const auto resize = planner.absorbable(node, 0, OpCode::RESIZE_BILINEAR);
  if (!resize) return nullptr;
  auto samples = resize_samples(planner, *resize);
  const DType type = planner.view(node).dtype(0);
  if (!samples || samples->channels > kernels::kMostClasses) return nullptr;
  if (planner.is_known(planner.node(*resize).inputs[0]))
    return nullptr;  // a constant need not be readable behind its end
  std::vector<size_t> nodes = {*resize, node};
  for (auto before = planner.absorbable(*resize, 0, OpCode::RESIZE_BILINEAR); before;
       before = planner.absorbable(nodes.front(), 0, OpCode::RESIZE_BILINEAR)) {
    const auto same = resize_samples(planner, *before);
    if (!same || !same->is_identity) break;
    nodes.insert(nodes.begin(), *before);
  }
  const ResizeBilinearKernel& kernel = kernels::select_resize_bilinear(planner.isa());
  auto step = std::make_unique<ResizeArgmaxStep>(std::move(*samples),
                                                 type == DType::uint8  ? kernel.argmax_u8
                                                 : type == DType::int8 ? kernel.argmax_s8
                                                                       : kernel.argmax_f32,
                                                 size_bytes(type), size_bytes(planner.view(node).output_dtype(0)));
  step->nodes = nodes;
  step->kernel_name = std::string(kernel.name) + "_argmax";
  step->reads = {planner.node(nodes.front()).inputs[0]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
