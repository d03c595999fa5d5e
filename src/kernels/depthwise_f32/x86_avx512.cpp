#define ML_KERNEL_NAME depthwise_f32_avx512
#define ML_WIDTH 16
#include "kernels/depthwise_f32/row.h"
