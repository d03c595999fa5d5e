// Packed weights to bytes and back.

#include <algorithm>

#include "kernels/depthwise_q8/packed_depthwise_q8.h"
#include "kernels/stored.h"

namespace monolite::kernels {
namespace {

constexpr int kLanes = 16;

struct StoredLayer {
  StoredKey key;
  int64_t lines, extras;
};

struct StoredBlock {
  struct Row {
    int64_t line, extra_line, extra;  // where each begins
    int32_t extra_end[4];
  } rows[2];
  EndingQ8 ending;
};

// Do `count` elements from `first` on lie in [0, size)?
bool lies_in(int64_t first, int64_t count, int64_t size) {
  return first >= 0 && first <= size && count <= size - first;
}

}  // namespace

PackedDepthwiseQ8::PackedDepthwiseQ8(const DepthwiseQ8Kernel& kernel, int height, int width, int channels)
    : kernel_(kernel),
      height_(height),
      width_(width),
      channels_(channels),
      row_groups_((height + kRowGroup - 1) / kRowGroup) {}

std::vector<std::byte> PackedDepthwiseQ8::stored() const {
  const StoredLayer layer{{kernel_.name, height_, width_, channels_},
                          static_cast<int64_t>(lines_.size()),
                          static_cast<int64_t>(extra_.size())};
  std::vector<StoredBlock> blocks;
  for (const DepthwiseBlockQ8& b : blocks_) {
    StoredBlock s{};
    s.ending = b.ending;
    for (int row = 0; row < output_rows(); ++row) {
      const DepthwiseWeightsQ8& w = b.weights[row];
      s.rows[row].line = reinterpret_cast<const Line*>(w.taps) - lines_.data();
      s.rows[row].extra_line = reinterpret_cast<const Line*>(w.extra_taps) - lines_.data();
      s.rows[row].extra = w.extra - extra_.data();
      std::copy_n(w.extra_end, 4, s.rows[row].extra_end);
    }
    blocks.push_back(s);
  }
  StoredWriter writer;
  writer.put(layer);
  writer.put(std::span<const StoredBlock>(blocks));
  writer.put(std::span<const RequantizeQ8>(requantize_));
  writer.put(std::span<const ExtraTapQ8>(extra_));
  writer.put(std::span<const Line>(lines_));
  return writer.take();
}

std::optional<PackedDepthwiseQ8> PackedDepthwiseQ8::from_stored(std::span<const std::byte> bytes,
                                                                const DepthwiseQ8Kernel& kernel, int height, int width,
                                                                int channels) {
  StoredReader reader(bytes);
  const auto* layer = reader.take<StoredLayer>(1);
  if (layer == nullptr || layer->key != StoredKey(kernel.name, height, width, channels)) return {};
  const int count = (channels + kDepthwiseChannels - 1) / kDepthwiseChannels,
            vectors = (channels + kLanes - 1) / kLanes;
  const auto* blocks = reader.take<StoredBlock>(count);
  const auto* requantize = reader.take<RequantizeQ8>(vectors);
  const auto* extras = reader.take<ExtraTapQ8>(layer->extras);
  const auto* lines = reader.take<Line>(layer->lines);
  if (blocks == nullptr || requantize == nullptr || extras == nullptr || lines == nullptr || !reader.is_at_end())
    return {};
  PackedDepthwiseQ8 packed(kernel, height, width, channels);
  if (!are_usable({requantize, static_cast<size_t>(vectors)})) return {};
  for (int64_t i = 0; i < layer->extras; ++i) {
    const ExtraTapQ8& e = extras[i];
    if (e.tap < 0 || e.tap >= width || e.group < 0 || e.group >= packed.row_groups_) return {};
  }
  for (int i = 0; i < count; ++i) {
    const StoredBlock& s = blocks[i];
    DepthwiseBlockQ8 block{};
    block.first_channel = i * kDepthwiseChannels;
    block.channels = std::min(channels - block.first_channel, kDepthwiseChannels);
    block.vectors = (block.channels + kLanes - 1) / kLanes;
    block.requantize = requantize + block.first_channel / kLanes;
    if (!is_usable(s.ending)) return {};
    block.ending = s.ending;
    for (int row = 0; row < packed.output_rows(); ++row) {
      const StoredBlock::Row& r = s.rows[row];
      int32_t before = 0;
      for (int v = 0; v < block.vectors; ++v) {
        if (r.extra_end[v] < before) return {};
        before = r.extra_end[v];
      }
      if (!lies_in(r.line, int64_t{width} * packed.row_groups_ * block.vectors, layer->lines) ||
          !lies_in(r.extra_line, before, layer->lines) || !lies_in(r.extra, before, layer->extras)) {
        return {};
      }
      DepthwiseWeightsQ8& w = block.weights[row];
      w.taps = lines[r.line].bytes;
      w.extra = extras + r.extra;
      w.extra_taps = reinterpret_cast<const int8_t*>(lines + r.extra_line);
      std::copy_n(r.extra_end, 4, w.extra_end);
    }
    packed.blocks_.push_back(block);
  }
  return packed;
}

}  // namespace monolite::kernels
