#define ML_KERNEL_NAME depthwise_f32_avx2
#define ML_WIDTH 8
#include "kernels/depthwise_f32/row.h"
