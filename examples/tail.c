/* The tail of a segmentation model for a board: scores are enlarged (RESIZE_BILINEAR) and each pixel gets the label of
 * its largest score (ARG_MAX), in one go and without the enlarged scores. Labels are bit for bit those of the two ops
 * under TensorFlow Lite's reference kernels.
 *
 * Cut the model before its last RESIZE_BILINEAR, run the rest on the accelerator, and give what comes out to the
 * function of its type:
 *
 *   monolite edit deeplab.tflite -o head.tflite --outputs ResizeBilinear_1
 *   tail_labels_u8(scores, 33, 33, 21, 513, 513, TAIL_ALIGN_CORNERS, labels);
 *
 * C99, no dependencies, no memory of its own but for a few hundred bytes of stack. Compile with -std=c99 (or with
 * -ffp-contract=off): where a compiler joins a multiplication and an addition, 8-bit unsigned and float results change
 * in their last bit. Compiled with -DTAIL_MAIN it is a program; see the end of the file. */

#include <stdint.h>

/* How output pixels map onto input pixels, as the op's options say. */
typedef enum { TAIL_PLAIN = 0, TAIL_ALIGN_CORNERS = 1, TAIL_HALF_PIXEL_CENTERS = 2 } TailGrid;

enum { TAIL_MOST_CLASSES = 256, TAIL_BAD_ARGUMENT = -1 };

/* scores [height][width][classes] -> labels [out_height][out_width]. Returns 0, or TAIL_BAD_ARGUMENT where a size is
 * below 1, above 2^15, or there are more than TAIL_MOST_CLASSES classes. */
int tail_labels_u8(const uint8_t* scores, int height, int width, int classes, int out_height, int out_width, TailGrid grid,
                   int32_t* labels);
int tail_labels_i8(const int8_t* scores, int height, int width, int classes, int out_height, int out_width, TailGrid grid,
                   int32_t* labels);
int tail_labels_i16(const int16_t* scores, int height, int width, int classes, int out_height, int out_width,
                    TailGrid grid, int32_t* labels);
int tail_labels_f32(const float* scores, int height, int width, int classes, int out_height, int out_width, TailGrid grid,
                    int32_t* labels);

/* Where one row or column takes its value: `upper` has the weight `part`, `lower` the rest. */
typedef struct {
  int lower, upper;
  float part;
} TailReal;

typedef struct {
  int lower, upper;
  int32_t part; /* of 1024 */
} TailWhole;

static int tail_between(int value, int least, int most) { return value < least ? least : value > most ? most : value; }

/* uint8 and float32 are interpolated in float. */
static TailReal tail_real(int i, int in, int out, TailGrid grid) {
  const float scale = grid == TAIL_ALIGN_CORNERS && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
  const float at = grid == TAIL_HALF_PIXEL_CENTERS ? ((float)i + 0.5f) * scale - 0.5f : (float)i * scale;
  const int below = at < 0 ? -1 : (int)at; /* at > -1 */
  const int above = (float)below < at ? below + 1 : below;
  TailReal s;
  s.lower = tail_between(below, 0, in - 1);
  s.upper = tail_between(above, 0, in - 1);
  s.part = at - (float)s.lower;
  return s;
}

/* int8 and int16 in whole numbers, positions in 1/1024. */
static TailWhole tail_whole(int i, int in, int out, TailGrid grid) {
  const int is_aligned = grid == TAIL_ALIGN_CORNERS && out > 1;
  const int64_t num = is_aligned ? in - 1 : in, den = is_aligned ? out - 1 : out;
  const int64_t scale = (1024 * num + den / 2) / den;
  const int64_t at = grid == TAIL_HALF_PIXEL_CENTERS ? i * scale + scale / 2 - 512 : i * scale;
  const int64_t below = at / 1024, above = (at + 1023) / 1024;
  TailWhole s;
  s.lower = tail_between((int)below, 0, in - 1);
  s.upper = tail_between((int)above, 0, in - 1);
  s.part = (int32_t)(at - 1024 * (int64_t)s.lower);
  return s;
}

static float tail_mix(float top_left, float bottom_left, float top_right, float bottom_right, TailReal y, TailReal x) {
  return top_left * (1 - y.part) * (1 - x.part) + bottom_left * y.part * (1 - x.part) +
         top_right * (1 - y.part) * x.part + bottom_right * y.part * x.part;
}

static float tail_value_f32(float tl, float bl, float tr, float br, TailReal y, TailReal x) {
  return tail_mix(tl, bl, tr, br, y, x);
}

static int tail_value_u8(int tl, int bl, int tr, int br, TailReal y, TailReal x) {
  return (uint8_t)(tail_mix((float)tl, (float)bl, (float)tr, (float)br, y, x) + 0.5f);
}

static int tail_value_int(int64_t tl, int64_t bl, int64_t tr, int64_t br, TailWhole y, TailWhole x) {
  const int64_t yu = y.part, yl = 1024 - yu, xu = x.part, xl = 1024 - xu;
  const int64_t sum = tl * yl * xl + bl * yu * xl + tr * yl * xu + br * yu * xu;
  return (int)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

/* Between four scores of the input most classes cannot win: one that nowhere passes a class before it (both are
 * computed by the same steps, none of which turns an order round), and one that is everywhere LEAD below a class behind
 * it (one whole step; two where float rounding may close one). What remains, mostly one class, is compared pixel by
 * pixel. Outside of the scores, where a weight is
 * negative, all classes are compared. */
#define TAIL_DEFINE(NAME, SCORE, SAMPLE, SAMPLE_AT, VALUE, VALUE_OF, SUM, LEAD, ONE)                                       \
  int NAME(const SCORE* scores, int height, int width, int classes, int out_height, int out_width, TailGrid grid,       \
           int32_t* labels) {                                                                                            \
    const int most = 1 << 15;                                                                                            \
    int oy, ox, c, k;                                                                                                    \
    if (height < 1 || width < 1 || classes < 1 || out_height < 1 || out_width < 1 || height > most || width > most ||    \
        classes > TAIL_MOST_CLASSES || out_height > most || out_width > most) {                                          \
      return TAIL_BAD_ARGUMENT;                                                                                          \
    }                                                                                                                    \
    for (oy = 0; oy < out_height; ++oy) {                                                                                \
      const SAMPLE y = SAMPLE_AT(oy, height, out_height, grid);                                                          \
      const SCORE* top = scores + (long)y.lower * width * classes;                                                       \
      const SCORE* bottom = scores + (long)y.upper * width * classes;                                                    \
      uint8_t left_over[TAIL_MOST_CLASSES];                                                                              \
      int count = 0, lower = -1, upper = -1;                                                                             \
      for (ox = 0; ox < out_width; ++ox) {                                                                               \
        const SAMPLE x = SAMPLE_AT(ox, width, out_width, grid);                                                          \
        const SCORE *tl = top + (long)x.lower * classes, *tr = top + (long)x.upper * classes;                            \
        const SCORE *bl = bottom + (long)x.lower * classes, *br = bottom + (long)x.upper * classes;                      \
        if (y.part < 0 || x.part < 0 || y.part > ONE || x.part > ONE) {                                                                            \
          for (c = 0; c < classes; ++c) left_over[c] = (uint8_t)c;                                                       \
          count = classes;                                                                                               \
          lower = upper = -1;                                                                                            \
        } else if (x.lower != lower || x.upper != upper) {                                                               \
          int best = 0;                                                                                                  \
          SUM largest = (SUM)tl[0] + (SUM)bl[0] + (SUM)tr[0] + (SUM)br[0];                                               \
          for (c = 1; c < classes; ++c) {                                                                                \
            const SUM sum = (SUM)tl[c] + (SUM)bl[c] + (SUM)tr[c] + (SUM)br[c];                                           \
            if (sum > largest) {                                                                                         \
              largest = sum;                                                                                             \
              best = c;                                                                                                  \
            }                                                                                                            \
          }                                                                                                              \
          count = 0;                                                                                                     \
          for (c = 0; c < classes; ++c) {                                                                                \
            const SUM lead = (SUM)(c > best ? 0 : LEAD);                                                                 \
            const int is_beaten = c != best && (c > best || (LEAD) > 0) && (SUM)tl[best] - (SUM)tl[c] >= lead &&         \
                                  (SUM)bl[best] - (SUM)bl[c] >= lead && (SUM)tr[best] - (SUM)tr[c] >= lead &&            \
                                  (SUM)br[best] - (SUM)br[c] >= lead;                                                    \
            if (!is_beaten) left_over[count++] = (uint8_t)c;                                                             \
          }                                                                                                              \
          lower = x.lower;                                                                                               \
          upper = x.upper;                                                                                               \
        }                                                                                                                \
        {                                                                                                                \
          int label = left_over[0];                                                                                      \
          if (count > 1) {                                                                                               \
            VALUE value = VALUE_OF(tl[label], bl[label], tr[label], br[label], y, x);                                    \
            for (k = 1; k < count; ++k) {                                                                                \
              const VALUE other =                                                                                        \
                  VALUE_OF(tl[left_over[k]], bl[left_over[k]], tr[left_over[k]], br[left_over[k]], y, x);                \
              if (other > value) {                                                                                       \
                value = other;                                                                                           \
                label = left_over[k];                                                                                    \
              }                                                                                                          \
            }                                                                                                            \
          }                                                                                                              \
          *labels++ = label;                                                                                             \
        }                                                                                                                \
      }                                                                                                                  \
    }                                                                                                                    \
    return 0;                                                                                                            \
  }

TAIL_DEFINE(tail_labels_u8, uint8_t, TailReal, tail_real, int, tail_value_u8, int, 2, 1)
TAIL_DEFINE(tail_labels_i8, int8_t, TailWhole, tail_whole, int, tail_value_int, int, 1, 1024)
TAIL_DEFINE(tail_labels_i16, int16_t, TailWhole, tail_whole, int, tail_value_int, int, 1, 1024)
TAIL_DEFINE(tail_labels_f32, float, TailReal, tail_real, float, tail_value_f32, double, 0, 1)

#ifdef TAIL_MAIN
/* tail u8|i8|i16|f32 HEIGHT WIDTH CLASSES OUT_HEIGHT OUT_WIDTH plain|align_corners|half_pixel_centers SCORES LABELS
 * SCORES and LABELS are files of raw numbers; labels are int32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char** words) {
  static const char* const kTypes[] = {"u8", "i8", "i16", "f32"};
  static const size_t kBytes[] = {1, 1, 2, 4};
  static const char* const kGrids[] = {"plain", "align_corners", "half_pixel_centers"};
  int type = 0, grid = 0, size[5], i, result;
  size_t scores, labels;
  void* in;
  int32_t* out;
  FILE* file;
  if (count != 10) {
    fprintf(stderr, "tail u8|i8|i16|f32 HEIGHT WIDTH CLASSES OUT_HEIGHT OUT_WIDTH GRID SCORES LABELS\n");
    return 2;
  }
  while (type < 4 && strcmp(words[1], kTypes[type]) != 0) ++type;
  while (grid < 3 && strcmp(words[7], kGrids[grid]) != 0) ++grid;
  for (i = 0; i < 5; ++i) size[i] = atoi(words[2 + i]);
  for (i = 0; i < 5; ++i) {
    if (type == 4 || grid == 3 || size[i] < 1 || size[i] > 1 << 15) {
      fprintf(stderr, "tail: an unknown type or grid, or a size that is not 1 to 32768\n");
      return 2;
    }
  }
  scores = (size_t)size[0] * (size_t)size[1] * (size_t)size[2];
  labels = (size_t)size[3] * (size_t)size[4];
  in = malloc(scores * kBytes[type]);
  out = (int32_t*)malloc(labels * sizeof(int32_t));
  file = fopen(words[8], "rb");
  if (in == NULL || out == NULL || file == NULL || fread(in, kBytes[type], scores, file) != scores) {
    fprintf(stderr, "tail: %s does not hold %lu numbers\n", words[8], (unsigned long)scores);
    return 3;
  }
  fclose(file);
  switch (type) {
    case 0:
      result = tail_labels_u8((const uint8_t*)in, size[0], size[1], size[2], size[3], size[4], (TailGrid)grid, out);
      break;
    case 1:
      result = tail_labels_i8((const int8_t*)in, size[0], size[1], size[2], size[3], size[4], (TailGrid)grid, out);
      break;
    case 2:
      result = tail_labels_i16((const int16_t*)in, size[0], size[1], size[2], size[3], size[4], (TailGrid)grid, out);
      break;
    default:
      result = tail_labels_f32((const float*)in, size[0], size[1], size[2], size[3], size[4], (TailGrid)grid, out);
  }
  file = fopen(words[9], "wb");
  if (result != 0 || file == NULL || fwrite(out, sizeof(int32_t), labels, file) != labels || fclose(file) != 0) {
    fprintf(stderr, "tail: %s cannot be written, or more than %d classes\n", words[9], TAIL_MOST_CLASSES);
    return 3;
  }
  free(in);
  free(out);
  return 0;
}
#endif
