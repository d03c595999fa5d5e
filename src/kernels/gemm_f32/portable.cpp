#define ML_KERNEL_NAME gemm_f32_portable
#define ML_WIDTH 4
#define ML_MOST_VECTORS 2
#define ML_ROWS(vectors) 4
#include "kernels/gemm_f32/tile.h"
