// A tile of rows x vectors accumulators stays in registers; for each group of 4 elements a row's bytes are spread over
// a vector and multiplied with the panel's weights.

#include <immintrin.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_avx512.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <bool kFlip>
ALWAYS_INLINE __m512i spread(const uint8_t* a) {
  int32_t four;
  __builtin_memcpy(&four, a, sizeof(four));
  const __m512i v = _mm512_set1_epi32(four);
  return kFlip ? _mm512_xor_si512(v, _mm512_set1_epi32(static_cast<int>(0x80808080))) : v;
}

// acc += sums of four products each. As an instruction, because GCC 12 would copy the accumulator before and after.
ALWAYS_INLINE void dot(__m512i& acc, __m512i a, __m512i w) { asm("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(w)); }

// Rows of a tile, addressed from every third one: three addresses cost one register and the stride.
template <int kRows>
struct Rows {
  static constexpr int kBases = (kRows + 2) / 3;
  const uint8_t* base[kBases];
  int64_t stride;
  ALWAYS_INLINE Rows(const uint8_t* first, int64_t row_stride) : stride(row_stride) {
    repeat<kBases>(ML_EACH(i) { base[i] = first + 3 * i * stride; });
  }
  ALWAYS_INLINE const uint8_t* operator[](int row) const { return base[row / 3] + row % 3 * stride; }
  ALWAYS_INLINE void advance(int bytes) {
    repeat<kBases>(ML_EACH(i) { base[i] += bytes; });
  }
};

template <int kRows, int kVectors>
struct Tile {
  __m512i acc[kRows][kVectors];

  template <EndingQ8 kEnding>
  ALWAYS_INLINE void start(const RequantizeQ8* blocks) {
    repeat<kVectors>(ML_EACH(v) {
      const __m512i first = start_of<kEnding>(blocks[v]);
      repeat<kRows>(ML_EACH(r) { acc[r][v] = first; });
    });
  }

  template <bool kFlip>
  ALWAYS_INLINE void add_products(const Rows<kRows>& rows, const int8_t* weights) {
    __m512i w[kVectors];
    repeat<kVectors>(ML_EACH(v) { w[v] = _mm512_load_si512(weights + 64 * v); });
    repeat<kRows>(ML_EACH(r) {
      const __m512i a = spread<kFlip>(rows[r]);
      repeat<kVectors>(ML_EACH(v) { dot(acc[r][v], a, w[v]); });
    });
  }
};

// What all tiles of a panel share, so that it stays in registers from one to the next.
struct Shared {
  const RequantizeQ8* blocks;
  const int8_t* weights;
  const uint8_t* const* segments;
  int segment_count, groups;
  int64_t row_stride, out_stride;
  __mmask64 mask;
  OutputVectors output;

  ALWAYS_INLINE Shared(const PanelQ8& panel, const GemmQ8Args& args)
      : blocks(panel.requantize),
        weights(panel.weights),
        segments(args.segments),
        segment_count(args.segment_count),
        groups(args.groups),
        row_stride(args.row_stride),
        out_stride(args.out_stride),
        mask(~uint64_t{0} >> (64 - panel.channels)),
        output(output_vectors(args.output)) {}
};

template <int kRows, int kVectors, bool kFlip>
void exact_tile(const Shared& shared, const PanelQ8& panel, const GemmQ8Args& args, int64_t offset, uint8_t* out);

// kGroups: the number of groups, all in one segment, or 0 for any.
template <int kRows, int kVectors, int kGroups, bool kFlip, EndingQ8 kEnding>
ALWAYS_INLINE void tile(const Shared& shared, const PanelQ8& panel, const GemmQ8Args& args, int64_t offset,
                        uint8_t* out) {
  Tile<kRows, kVectors> t;
  t.template start<kEnding>(shared.blocks);
  const int8_t* weights = shared.weights;
  if constexpr (kGroups > 0) {
    const Rows<kRows> rows(shared.segments[0] + offset, shared.row_stride);
    repeat<kGroups>(ML_EACH(g) {
      Rows<kRows> at = rows;
      at.advance(g * kGroup);
      t.template add_products<kFlip>(at, weights + g * 64 * kVectors);
    });
    weights += kGroups * 64 * kVectors;
  }
  for (int s = 0; kGroups == 0 && s < shared.segment_count; ++s) {
    Rows<kRows> rows(shared.segments[s] + offset, shared.row_stride);
    for (int g = 0; g < shared.groups; ++g) {
      t.template add_products<kFlip>(rows, weights);
      rows.advance(kGroup);
      weights += 64 * kVectors;
    }
  }
  for (int e = 0; e < panel.extra_count; ++e) {
    const uint8_t* first = shared.segments[panel.extra[e].segment] + offset + panel.extra[e].offset;
    t.template add_products<kFlip>(Rows<kRows>(first, shared.row_stride), weights);
    weights += 64 * kVectors;
  }
  __m512i least[kVectors];  // several chains of minima, each waits for its own only
  repeat<kVectors>(ML_EACH(v) {
    repeat<kRows>(ML_EACH(r) {
      if constexpr (kEnding == EndingQ8::exact) {
        t.acc[r][v] = requantized(t.acc[r][v], shared.blocks[v]);
      } else {
        t.acc[r][v] = estimated<kEnding>(t.acc[r][v], shared.blocks[v]);
        if constexpr (leaves_doubt(kEnding)) {
          least[v] = r == 0 ? t.acc[r][v] : _mm512_min_epu16(least[v], t.acc[r][v]);
        }
      }
    });
  });
  __m512i estimates[kRows][kVectors];
  const bool doubt = leaves_doubt(kEnding) && __builtin_expect(has_doubt<kEnding, kVectors>(least), 0);
  if (doubt) {
    repeat<kRows>(ML_EACH(r) { repeat<kVectors>(ML_EACH(v) { estimates[r][v] = t.acc[r][v]; }); });
  }
  store_finished<kFlip>(
      shared.output, [&](const auto& finish) __attribute__((always_inline)) {
        repeat<kRows>(ML_EACH(r) {
          _mm512_mask_storeu_epi8(out + r * shared.out_stride, shared.mask,
                                  finish(packed<kEnding, kVectors>(t.acc[r])));
        });
      });
  if (doubt &&
      (kEnding == EndingQ8::estimated_widely || !settle(estimates[0], kRows, kVectors, kEnding, panel.requantize,
                                                        args.output, panel.channels, out, args.out_stride))) {
    exact_tile<kRows, kVectors, kFlip>(shared, panel, args, offset, out);
  }
}

// Once more, where estimates do not tell their sums.
template <int kRows, int kVectors, bool kFlip>
__attribute__((noinline, cold)) void exact_tile(const Shared& shared, const PanelQ8& panel, const GemmQ8Args& args,
                                                int64_t offset, uint8_t* out) {
  tile<kRows, kVectors, 0, kFlip, EndingQ8::exact>(shared, panel, args, offset, out);
}

// The last rows are computed together with some before them, once more.
template <int kRows, int kVectors, int kGroups, bool kFlip, EndingQ8 kEnding>
void panel_rows(const PanelQ8& panel, const GemmQ8Args& args) {
  const Shared shared(panel, args);
  uint8_t* out = args.out;
  if (args.rows < kRows) {
    for (int64_t row = 0; row < args.rows; ++row, out += args.out_stride) {
      tile<1, kVectors, 0, kFlip, kEnding>(shared, panel, args, row * args.row_stride, out);
    }
    return;
  }
  int64_t left = args.rows, offset = 0;
  while (true) {
    tile<kRows, kVectors, kGroups, kFlip, kEnding>(shared, panel, args, offset, out);
    left -= kRows;
    if (left <= 0) return;
    const int64_t next = left < kRows ? left : kRows;
    offset += next * shared.row_stride;
    out += next * shared.out_stride;
    if (left < kRows) left = kRows;
  }
}

template <int kRows, int kVectors, bool kFlip, EndingQ8 kEnding>
void panel_depth(const PanelQ8& panel, const GemmQ8Args& args) {
  if (kVectors >= 3 && args.segment_count == 1) {  // of layers that widen
    switch (args.groups) {
#define GROUPS(count) \
  case count:         \
    return panel_rows<kRows, kVectors, count, kFlip, kEnding>(panel, args);
      GROUPS(4)
      GROUPS(6)
      GROUPS(8)
#undef GROUPS
      default:
        break;
    }
  }
  panel_rows<kRows, kVectors, 0, kFlip, kEnding>(panel, args);
}

template <int kRows, int kVectors, bool kFlip>
void panel_ending(const PanelQ8& panel, const GemmQ8Args& args) {
  switch (panel.ending) {
    case EndingQ8::exact:
      return panel_rows<kRows, kVectors, 0, kFlip, EndingQ8::exact>(panel, args);
    case EndingQ8::estimated:
      return panel_rows<kRows, kVectors, 0, kFlip, EndingQ8::estimated>(panel, args);
    case EndingQ8::estimated_rectified:
      return panel_rows<kRows, kVectors, 0, kFlip, EndingQ8::estimated_rectified>(panel, args);
    case EndingQ8::estimated_bounded:
      return panel_rows<kRows, kVectors, 0, kFlip, EndingQ8::estimated_bounded>(panel, args);
    case EndingQ8::estimated_widely:
      return panel_rows<kRows, kVectors, 0, kFlip, EndingQ8::estimated_widely>(panel, args);
    case EndingQ8::floating:
      return panel_rows<kRows, kVectors, 0, kFlip, EndingQ8::floating>(panel, args);
    case EndingQ8::certain_rectified:
      // int8 layers have a scale for each channel, as a rule: the next serves them as well.
      if constexpr (!kFlip) return panel_depth<kRows, kVectors, kFlip, EndingQ8::certain_rectified>(panel, args);
      [[fallthrough]];
    case EndingQ8::floating_rectified:
      return panel_depth<kRows, kVectors, kFlip, EndingQ8::floating_rectified>(panel, args);
  }
}

template <int kRows, int kVectors>
void panel_of(const PanelQ8& panel, const GemmQ8Args& args) {
  args.flip != 0 ? panel_ending<kRows, kVectors, true>(panel, args) : panel_ending<kRows, kVectors, false>(panel, args);
}

}  // namespace

void gemm_q8_avx512vnni(const PanelQ8& panel, const GemmQ8Args& args) {
  switch (panel.vectors) {
    case 1:
      return panel_of<12, 1>(panel, args);
    case 2:
      return panel_of<6, 2>(panel, args);
    case 3:
      return panel_of<4, 3>(panel, args);
    default:
      return panel_of<4, 4>(panel, args);
  }
}

}  // namespace monolite::kernels
