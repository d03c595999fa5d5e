#define ML_KERNEL_NAME gemm_f32_avx2
#define ML_WIDTH 8
#define ML_MOST_VECTORS 2
#define ML_ROWS(vectors) ((vectors) == 1 ? 9 : 6)
#include "kernels/gemm_f32/tile.h"
