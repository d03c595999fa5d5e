// RESIZE_BILINEAR on uint8, int8 and float32.
//   match   a size that is known ahead
//   kernel  resize_bilinear, an output row at a time; a copy where every output is its input

#include <cstring>

#include "kernels/resize_bilinear/select.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"
#include "runtime/resize_samples.h"

namespace monolite::runtime {
namespace {

using kernels::ResizeBilinearKernel;
using kernels::ResizeRowArgs;
using RowFunction = void (*)(const ResizeRowArgs&);

class ResizeBilinearStep : public Step {
 public:
  ResizeBilinearStep(ResizeSamples samples, RowFunction row, int64_t element_bytes, int threads)
      : s_(std::move(samples)),
        row_(row),
        in_row_bytes_(int64_t{s_.in_width} * s_.channels * element_bytes),
        out_row_bytes_(static_cast<int64_t>(s_.columns.size()) * s_.channels * element_bytes),
        pieces_(pieces_of(rows(), 1, rows(), threads)) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const std::byte>(tensors, reads[0]);
    out_ = elements_of<std::byte>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t first = piece * pieces_.rows, last = std::min(first + pieces_.rows, rows());
      if (s_.is_identity) {
        std::memcpy(out_ + first * out_row_bytes_, in_ + first * in_row_bytes_,
                    static_cast<size_t>((last - first) * out_row_bytes_));
        return;
      }
      for (int64_t row = first; row < last; ++row) resize(row);
    });
    return {};
  }

 private:
  int64_t rows() const { return s_.batches * static_cast<int64_t>(s_.rows.size()); }

  void resize(int64_t row) const {
    const auto height = static_cast<int64_t>(s_.rows.size());
    const ResizeRow& r = s_.rows[static_cast<size_t>(row % height)];
    const std::byte* picture = in_ + row / height * s_.in_height * in_row_bytes_;
    row_({picture + r.upper * in_row_bytes_, picture + r.lower * in_row_bytes_, s_.columns.data(),
          static_cast<int64_t>(s_.columns.size()), s_.channels, r.fraction, r.steps, out_ + row * out_row_bytes_});
  }

  ResizeSamples s_;
  RowFunction row_;
  int64_t in_row_bytes_, out_row_bytes_;
  const std::byte* in_ = nullptr;
  std::byte* out_ = nullptr;
  Pieces pieces_;
};

}  // namespace

std::unique_ptr<Step> make_resize_bilinear_step(const Planner& planner, size_t node) {
  auto samples = resize_samples(planner, node);
  if (!samples) return nullptr;
  const ResizeBilinearKernel& kernel = kernels::select_resize_bilinear(planner.isa());
  const DType type = planner.view(node).dtype(0);
  const RowFunction row = type == DType::uint8 ? kernel.row_u8 : type == DType::int8 ? kernel.row_s8 : kernel.row_f32;
  const std::string name = samples->is_identity ? "copy" : kernel.name;
  auto step = std::make_unique<ResizeBilinearStep>(std::move(*samples), row, size_bytes(type), planner.threads());
  step->nodes = {node};
  step->kernel_name = name;
  step->reads = {planner.node(node).inputs[0]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
