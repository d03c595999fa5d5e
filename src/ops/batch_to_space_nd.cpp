// BATCH_TO_SPACE_ND: see ops/space_batch.h.

#include <fmt/format.h>

#include "ops/space_batch.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) { return verify_blocks(n); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto blocks, spatial_blocks(n));
  Shape out = n.shape(0);
  for (size_t i = 0; i < blocks.size(); ++i) {
    int32_t& extent = out[static_cast<int>(i) + 1];
    const int64_t whole = extent * blocks[i].size, left = whole - blocks[i].before - blocks[i].after;
    if (out[0] % blocks[i].size != 0 || whole > INT32_MAX || left < 0) {
      return Unexpected(n.fail(fmt::format("{} batches, {} elements without {} and {}, a block of {}", out[0], whole,
                                           blocks[i].before, blocks[i].after, blocks[i].size),
                               "batches for whole blocks, and no more cropped than there is"));
    }
    out[0] = static_cast<int32_t>(out[0] / blocks[i].size);
    extent = static_cast<int32_t>(left);
  }
  return Shapes{out};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  if (n.output_shape(0).elements() == 0) return {};
  ML_ASSIGN(const auto blocks, spatial_blocks(n));
  const Shape& in = n.shape(0);
  const int size = size_bytes(n.dtype(0));
  std::vector<int64_t> batches;
  for (const SpatialBlock& b : blocks) batches.push_back(b.size);
  batches.push_back(n.output_shape(0)[0]);
  for (int i = 1; i < in.rank(); ++i) batches.push_back(in[i]);
  const View from = View::dense(batches).permuted(batch_to_space_order(static_cast<int>(blocks.size()), in.rank()));
  std::vector<std::byte> space(static_cast<size_t>(in.elements() * size));
  copy_view(n.data<std::byte>(0), from, space.data(), View::dense(from.extents), size);

  Shape whole = n.output_shape(0);
  for (size_t i = 0; i < blocks.size(); ++i) {
    whole[static_cast<int>(i) + 1] += static_cast<int32_t>(blocks[i].before + blocks[i].after);
  }
  View kept = View::dense(whole);
  for (size_t i = 0; i < blocks.size(); ++i) {
    const int axis = static_cast<int>(i) + 1;
    kept = kept.take(axis, blocks[i].before, n.output_shape(0)[axis]);
  }
  copy_view(space.data(), kept, n.out<std::byte>(0), View::dense(n.output_shape(0)), size);
  return {};
}

// Not for more parts than a plan should hold; the reference kernel takes any number.
Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto blocks, spatial_blocks(n));
  const auto parts = batch_parts(n.output_shape(0), n.shape(0), blocks);
  if (!parts) return Unexpected(n.fail("blocks of many batches", "fewer"));
  Copies all;
  for (const BatchPart& part : *parts) {
    all.push_back(copy_whole(0, part.batches));
    all.back().to = part.space;
  }
  return all;
}

}  // namespace

extern const OpDef batch_to_space_nd;
const OpDef batch_to_space_nd = define<NoAttributes>({.code = OpCode::BATCH_TO_SPACE_ND,
                                                      .options = "BatchToSpaceNDOptions",
                                                      .verify = verify,
                                                      .infer = infer,
                                                      .reference = reference,
                                                      .copies = copies});

}  // namespace monolite::ops
