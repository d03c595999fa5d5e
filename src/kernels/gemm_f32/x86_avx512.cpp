#define ML_KERNEL_NAME gemm_f32_avx512
#define ML_WIDTH 16
#define ML_MOST_VECTORS 4
#define ML_ROWS(vectors) ((vectors) == 4 ? 6 : (vectors) == 3 ? 8 : 12)
#include "kernels/gemm_f32/tile.h"
