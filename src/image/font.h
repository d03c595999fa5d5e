#pragma once
// A small built-in bitmap font, for legends and labels: 5x9 dots, the last two rows for what hangs below the line.

namespace monolite::image {

inline constexpr int kGlyphWidth = 5, kGlyphHeight = 9;
// From one letter to the next, in dots.
inline constexpr int kGlyphAdvance = 6;

// Is the dot in column x and row y of the letter black? Letters outside of ASCII look like '?'.
bool glyph_dot(char c, int x, int y);

}  // namespace monolite::image
