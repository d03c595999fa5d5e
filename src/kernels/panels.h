#pragma once
// How the channels of a matrix product are cut into panels.

#include <algorithm>
#include <vector>

namespace monolite::kernels {

// Panels of at most `most` vectors, each of `width` channels, as even as can be. Sets vectors, first_channel and
// channels.
template <class Panel>
std::vector<Panel> even_panels(int channels, int width, int most) {
  const int vectors = (channels + width - 1) / width;
  std::vector<Panel> panels(static_cast<size_t>((vectors + most - 1) / most));
  int vector = 0, left = static_cast<int>(panels.size());
  for (Panel& panel : panels) {
    panel.vectors = (vectors - vector + left - 1) / left;
    panel.first_channel = vector * width;
    panel.channels = std::min(channels - panel.first_channel, panel.vectors * width);
    vector += panel.vectors;
    --left;
  }
  return panels;
}

}  // namespace monolite::kernels
