// SPACE_TO_BATCH_ND: see ops/space_batch.h.

#include <fmt/format.h>

#include "ops/padding.h"
#include "ops/space_batch.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) { return verify_blocks(n); }

// The input's shape with the padding.
Expected<Shape> padded_shape(const NodeView& n, const std::vector<SpatialBlock>& blocks) {
  Shape padded = n.shape(0);
  for (size_t i = 0; i < blocks.size(); ++i) {
    int32_t& extent = padded[static_cast<int>(i) + 1];
    const int64_t sum = extent + blocks[i].before + blocks[i].after;
    if (sum > INT32_MAX || sum % blocks[i].size != 0) {
      return Unexpected(
          n.fail(fmt::format("{} elements with padding in blocks of {}", sum, blocks[i].size), "whole blocks"));
    }
    extent = static_cast<int32_t>(sum);
  }
  return padded;
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto blocks, spatial_blocks(n));
  ML_ASSIGN(Shape out, padded_shape(n, blocks));
  int64_t batches = out[0];
  for (size_t i = 0; i < blocks.size(); ++i) {
    out[static_cast<int>(i) + 1] /= static_cast<int32_t>(blocks[i].size);
    batches *= blocks[i].size;
    if (batches > INT32_MAX) return Unexpected(n.fail(fmt::format("{} batches", batches), "less than 2^31"));
  }
  out[0] = static_cast<int32_t>(batches);
  return Shapes{out};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  ML_ASSIGN(const auto blocks, spatial_blocks(n));
  ML_ASSIGN(const Shape padded, padded_shape(n, blocks));
  if (n.output_shape(0).elements() == 0) return {};
  const int size = size_bytes(n.dtype(0));
  std::vector<std::byte> space(static_cast<size_t>(n.output_shape(0).elements() * size));
  const int64_t zero = padding_zero(n);
  View inside = View::dense(padded);
  fill_view(reinterpret_cast<const std::byte*>(&zero), space.data(), inside, size);
  for (size_t i = 0; i < blocks.size(); ++i) {
    const int axis = static_cast<int>(i) + 1;
    inside = inside.take(axis, blocks[i].before, n.shape(0)[axis]);
  }
  copy_view(n.data<std::byte>(0), View::dense(n.shape(0)), space.data(), inside, size);

  // The batches have [block…, N, H / block, W / block, …]: written in the order of the padded picture.
  const int count = static_cast<int>(blocks.size());
  std::vector<int64_t> batches;
  for (const SpatialBlock& b : blocks) batches.push_back(b.size);
  batches.push_back(n.shape(0)[0]);
  for (int i = 1; i < padded.rank(); ++i) batches.push_back(n.output_shape(0)[i]);
  const View to = View::dense(batches).permuted(batch_to_space_order(count, padded.rank()));
  copy_view(space.data(), View::dense(to.extents), n.out<std::byte>(0), to, size);
  return {};
}

// Not for more parts than a plan should hold; the reference kernel takes any number.
Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto blocks, spatial_blocks(n));
  const auto parts = batch_parts(n.shape(0), n.output_shape(0), blocks);
  if (!parts) return Unexpected(n.fail("blocks of many batches", "fewer"));
  Copies all{copy_value(padding_zero(n), View::dense(n.output_shape(0)))};
  for (const BatchPart& part : *parts) {
    all.push_back(copy_whole(0, part.space));
    all.back().to = part.batches;
  }
  return all;
}

}  // namespace

extern const OpDef space_to_batch_nd;
const OpDef space_to_batch_nd = define<NoAttributes>({.code = OpCode::SPACE_TO_BATCH_ND,
                                                      .options = "SpaceToBatchNDOptions",
                                                      .verify = verify,
                                                      .infer = infer,
                                                      .reference = reference,
                                                      .copies = copies});

}  // namespace monolite::ops
