// Ops that move elements and compute none.

#include <fmt/format.h>

#include <algorithm>

#include "convert/lowerings.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

// An axis that may count from the end, in [0, rank).
Expected<int> axis_of(const tf::Node& n, int64_t axis, int rank) {
  if (axis < -rank || axis >= rank)
    return Unexpected(node_error(n, fmt::format("axis {}", axis), fmt::format("one of {}", rank)));
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Expected<int64_t> single_int(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in, size_t i) {
  ML_ASSIGN(const auto values, l.ints(n, in, i));
  if (values.size() != 1)
    return Unexpected(node_error(n, fmt::format("input {} of {} elements", i, values.size()), "one"));
  return values[0];
}

}  // namespace

Outputs lower_reshape(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  if (l.shape(in[1]).elements() == 0 && l.shape(in[0]).elements() == 1) return one(reshaped(l, n.name, in[0], Shape()));
  const TensorId shape = as_int32(l, in[1]);
  Options options;
  if (l.tensor(shape).is_constant()) {
    ML_ASSIGN(const auto dims, l.ints(n, in, 1));
    options = {{"new_shape", dims}};
  }
  ML_ASSIGN(const TensorId out,
            l.emit(n.name, OpCode::RESHAPE, {in[0], shape}, l.tensor(in[0]).dtype, "ReshapeOptions", options));
  // A constant's trained range holds for it in any shape.
  const auto range = l.lowered().constant_ranges.find(in[0]);
  if (range != l.lowered().constant_ranges.end() && l.tensor(out).is_constant())
    l.lowered().constant_ranges[out] = TrainedRange(range->second);
  return std::vector<TensorId>{out};
}

Outputs lower_squeeze(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  const Shape from = l.shape(in[0]);
  std::vector<bool> goes(static_cast<size_t>(from.rank()));
  const auto* dims = n.attr<std::vector<int64_t>>("squeeze_dims");
  if (dims == nullptr) dims = n.attr<std::vector<int64_t>>("axis");
  const bool all = dims == nullptr || dims->empty();
  if (all) {
    for (int i = 0; i < from.rank(); ++i) goes[static_cast<size_t>(i)] = from[i] == 1;
  } else {
    for (const int64_t d : *dims) {
      ML_ASSIGN(const int axis, axis_of(n, d, from.rank()));
      if (from[axis] != 1)
        return Unexpected(node_error(n, fmt::format("axis {} of extent {}", axis, from[axis]), "extent 1"));
      goes[static_cast<size_t>(axis)] = true;
    }
  }
  Shape to;
  for (int i = 0; i < from.rank(); ++i) {
    if (!goes[static_cast<size_t>(i)]) to.push_back(from[i]);
  }
  return one(reshaped(l, n.name, in[0], to));
}

Outputs lower_expand_dims(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  ML_ASSIGN(const int64_t where, single_int(l, n, in, 1));
  const Shape from = l.shape(in[0]);
  ML_ASSIGN(const int axis, axis_of(n, where, from.rank() + 1));
  std::vector<int32_t> dims(from.begin(), from.end());
  dims.insert(dims.begin() + axis, 1);
  return one(reshaped(l, n.name, in[0], Shape(std::move(dims))));
}

Outputs lower_concat(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  if (in.size() < 2) return Unexpected(node_error(n, "no inputs", "tensors and an axis"));
  const bool is_first = n.op == "Concat";  // the older op has its axis before the tensors
  ML_ASSIGN(const int64_t axis, single_int(l, n, in, is_first ? 0 : in.size() - 1));
  std::vector<TensorId> parts(in.begin() + (is_first ? 1 : 0), in.end() - (is_first ? 0 : 1));
  // Parts without elements, as shapes are put together: they take no part.
  const auto is_empty = [&](TensorId id) { return l.shape(id).elements() == 0; };
  if (!std::all_of(parts.begin(), parts.end(), is_empty)) std::erase_if(parts, is_empty);
  if (parts.size() == 1) return parts;
  ML_ASSIGN(const int positive, axis_of(n, axis, l.shape(parts[0]).rank()));
  const DType dtype = l.tensor(parts[0]).dtype;
  return one(l.emit(n.name, OpCode::CONCATENATION, std::move(parts), dtype, "ConcatenationOptions",
                    {{"axis", int64_t{positive}}}));
}

Outputs lower_pack(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1, 4096));
  return one(l.emit(n.name, OpCode::PACK, in, l.tensor(in[0]).dtype, "PackOptions",
                    {{"values_count", static_cast<int64_t>(in.size())}, {"axis", n.attr_or<int64_t>("axis", 0)}}));
}

Outputs lower_unpack(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  const Shape shape = l.shape(in[0]);
  ML_ASSIGN(const int axis, axis_of(n, n.attr_or<int64_t>("axis", 0), shape.rank()));
  const int32_t count = shape[axis];
  if (count < 1 || count > 4096) return Unexpected(node_error(n, fmt::format("{} slices", count), "1 to 4096"));
  return l.emit_many(n.name, std::vector<DType>(static_cast<size_t>(count), l.tensor(in[0]).dtype), OpCode::UNPACK, in,
                     "UnpackOptions", {{"num", int64_t{count}}, {"axis", int64_t{axis}}});
}

Outputs lower_split(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  const int64_t count = n.attr_or<int64_t>("num_split", 1);
  if (count < 1 || count > 4096) return Unexpected(node_error(n, fmt::format("num_split {}", count), "1 to 4096"));
  return l.emit_many(n.name, std::vector<DType>(static_cast<size_t>(count), l.tensor(in[1]).dtype), OpCode::SPLIT, in,
                     "SplitOptions", {{"num_splits", count}});
}

Outputs lower_split_v(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  ML_ASSIGN(const auto sizes, l.ints(n, in, 1));
  if (sizes.empty() || sizes.size() > 4096)
    return Unexpected(node_error(n, fmt::format("{} sizes", sizes.size()), "1 to 4096"));
  const auto count = static_cast<int64_t>(sizes.size());
  return l.emit_many(n.name, std::vector<DType>(sizes.size(), l.tensor(in[0]).dtype), OpCode::SPLIT_V,
                     {in[0], as_int32(l, in[1]), in[2]}, "SplitVOptions", {{"num_splits", count}});
}

Outputs lower_slice(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  return one(l.emit(n.name, OpCode::SLICE, {in[0], as_int32(l, in[1]), as_int32(l, in[2])}, l.tensor(in[0]).dtype,
                    "SliceOptions"));
}

Outputs lower_strided_slice(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 4));
  Options options;
  for (const char* mask : {"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"}) {
    options.emplace_back(mask, n.attr_or<int64_t>(mask, 0));
  }
  return one(l.emit(n.name, OpCode::STRIDED_SLICE, {in[0], as_int32(l, in[1]), as_int32(l, in[2]), as_int32(l, in[3])},
                    l.tensor(in[0]).dtype, "StridedSliceOptions", options));
}

Outputs lower_gather(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2, 3));
  int64_t axis = 0;
  if (in.size() == 3) {
    ML_ASSIGN(axis, single_int(l, n, in, 2));
  }
  return one(l.emit(n.name, OpCode::GATHER, {in[0], in[1]}, l.tensor(in[0]).dtype, "GatherOptions",
                    {{"axis", axis}, {"batch_dims", n.attr_or<int64_t>("batch_dims", 0)}}));
}

Outputs lower_gather_nd(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(l.emit(n.name, OpCode::GATHER_ND, in, l.tensor(in[0]).dtype, "GatherNdOptions"));
}

Outputs lower_scatter_nd(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  return one(l.emit(n.name, OpCode::SCATTER_ND, {as_int32(l, in[0]), in[1], as_int32(l, in[2])}, l.tensor(in[1]).dtype,
                    "ScatterNdOptions"));
}

Outputs lower_one_hot(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 4));
  return one(l.emit(n.name, OpCode::ONE_HOT, in, l.tensor(in[2]).dtype, "OneHotOptions",
                    {{"axis", n.attr_or<int64_t>("axis", -1)}}));
}

Outputs lower_broadcast(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(
      l.emit(n.name, OpCode::BROADCAST_TO, {in[0], as_int32(l, in[1])}, l.tensor(in[0]).dtype, "BroadcastToOptions"));
}

Outputs lower_transpose(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(l.emit(n.name, OpCode::TRANSPOSE, {in[0], as_int32(l, in[1])}, l.tensor(in[0]).dtype, "TransposeOptions"));
}

Outputs lower_reverse(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(
      l.emit(n.name, OpCode::REVERSE_V2, {in[0], as_int32(l, in[1])}, l.tensor(in[0]).dtype, "ReverseV2Options"));
}

Outputs lower_tile(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  return one(l.emit(n.name, OpCode::TILE, {in[0], as_int32(l, in[1])}, l.tensor(in[0]).dtype, "TileOptions"));
}

Outputs lower_pad(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2, 3));
  const DType dtype = l.tensor(in[0]).dtype;
  const TensorId amounts = as_int32(l, in[1]);
  if (n.op == "MirrorPad") {
    const bool symmetric = n.attr_or<std::string>("mode", "REFLECT") == "SYMMETRIC";
    return one(l.emit(n.name, OpCode::MIRROR_PAD, {in[0], amounts}, dtype, "MirrorPadOptions",
                      {{"mode", int64_t{symmetric ? 1 : 0}}}));
  }
  if (in.size() == 3) return one(l.emit(n.name, OpCode::PADV2, {in[0], amounts, in[2]}, dtype, "PadV2Options"));
  return one(l.emit(n.name, OpCode::PAD, {in[0], amounts}, dtype, "PadOptions"));
}

Outputs lower_space_batch(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  const bool to_batch = n.op == "SpaceToBatchND";
  // The IR's kernels want channels behind the blocks: tensors without them get one.
  const Shape shape = l.shape(in[0]);
  if (l.tensor(in[1]).shape.elements() == 2 && shape.rank() == 3) {
    ML_ASSIGN(const TensorId wide, reshaped(l, n.name + "/channels", in[0], {shape[0], shape[1], shape[2], 1}));
    tf::Node inner = n;
    inner.name += "/blocks";
    ML_ASSIGN(const auto moved, lower_space_batch(l, inner, {wide, in[1], in[2]}));
    const Shape out = l.shape(moved[0]);
    return one(reshaped(l, n.name, moved[0], {out[0], out[1], out[2]}));
  }
  return one(l.emit(n.name, to_batch ? OpCode::SPACE_TO_BATCH_ND : OpCode::BATCH_TO_SPACE_ND,
                    {in[0], as_int32(l, in[1]), as_int32(l, in[2])}, l.tensor(in[0]).dtype,
                    to_batch ? "SpaceToBatchNDOptions" : "BatchToSpaceNDOptions"));
}

Outputs lower_depth_space(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  ML_TRY(expect_nhwc(n));
  const bool to_space = n.op == "DepthToSpace";
  return one(l.emit(n.name, to_space ? OpCode::DEPTH_TO_SPACE : OpCode::SPACE_TO_DEPTH, in, l.tensor(in[0]).dtype,
                    to_space ? "DepthToSpaceOptions" : "SpaceToDepthOptions",
                    {{"block_size", n.attr_or<int64_t>("block_size", 2)}}));
}

}  // namespace monolite::conversion
