// Packed weights to bytes and back.

#include <algorithm>

#include "kernels/gemm_q8/packed_q8.h"
#include "kernels/stored.h"

namespace monolite::kernels {
namespace {

struct StoredLayer {
  StoredKey key;
  int64_t panels, lines, extras;
};

struct StoredPanel {
  int32_t vectors, extra_count;
  EndingQ8 ending;
};

}  // namespace

std::vector<std::byte> PackedQ8::stored(const GemmQ8Kernel& kernel, int segments, int elements) const {
  const int channels = panels_.back().first_channel + panels_.back().channels;
  const StoredLayer layer{{kernel.name, channels, segments, elements},
                          static_cast<int64_t>(panels_.size()),
                          static_cast<int64_t>(lines_.size()),
                          static_cast<int64_t>(extra_.size())};
  std::vector<StoredPanel> panels;
  for (const PanelQ8& p : panels_) {
    StoredPanel s{};
    s.vectors = p.vectors;
    s.extra_count = p.extra_count;
    s.ending = p.ending;
    panels.push_back(s);
  }
  StoredWriter writer;
  writer.put(layer);
  writer.put(std::span<const StoredPanel>(panels));
  writer.put(std::span<const RequantizeQ8>(requantize_));
  writer.put(std::span<const ExtraGroup>(extra_));
  writer.put(std::span<const Line>(lines_));
  return writer.take();
}

std::optional<PackedQ8> PackedQ8::from_stored(std::span<const std::byte> bytes, const GemmQ8Kernel& kernel,
                                              int channels, int segments, int elements) {
  StoredReader reader(bytes);
  const auto* layer = reader.take<StoredLayer>(1);
  if (layer == nullptr || layer->key != StoredKey(kernel.name, channels, segments, elements)) return {};
  const int vectors = (channels + kVector - 1) / kVector;
  const auto* panels = reader.take<StoredPanel>(layer->panels);
  const auto* requantize = reader.take<RequantizeQ8>(vectors);
  const auto* extras = reader.take<ExtraGroup>(layer->extras);
  const auto* lines = reader.take<Line>(layer->lines);
  if (panels == nullptr || requantize == nullptr || extras == nullptr || lines == nullptr || !reader.is_at_end())
    return {};
  PackedQ8 packed;
  packed.groups_ = (elements + kGroup - 1) / kGroup;
  if (!are_usable({requantize, static_cast<size_t>(vectors)})) return {};
  for (int64_t i = 0; i < layer->extras; ++i) {
    const ExtraGroup& e = extras[i];
    if (e.segment < 0 || e.segment >= segments || e.offset < 0 || e.offset >= elements || e.offset % kGroup != 0)
      return {};
  }
  int64_t vector = 0, line = 0, extra = 0;
  for (const StoredPanel& s : std::span(panels, static_cast<size_t>(layer->panels))) {
    if (s.vectors < 1 || s.vectors > kMostVectors || vector + s.vectors > vectors) return {};
    if (s.extra_count < 0 || s.extra_count > layer->extras - extra || !is_usable(s.ending)) return {};
    const int64_t count = (int64_t{segments} * packed.groups_ + s.extra_count) * s.vectors;
    if (count > layer->lines - line) return {};
    PanelQ8 panel{};
    panel.vectors = s.vectors;
    panel.first_channel = static_cast<int>(vector) * kVector;
    panel.channels = std::min(channels - panel.first_channel, s.vectors * kVector);
    panel.requantize = requantize + vector;
    panel.weights = lines[line].bytes;
    panel.extra = extras + extra;
    panel.extra_count = s.extra_count;
    panel.ending = s.ending;
    packed.panels_.push_back(panel);
    vector += s.vectors;
    line += count;
    extra += s.extra_count;
  }
  if (vector != vectors || line != layer->lines || extra != layer->extras) return {};
  return packed;
}

}  // namespace monolite::kernels
