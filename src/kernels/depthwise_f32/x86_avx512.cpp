#define ML_KERNEL_NAME depthwise_f32_avx512
#include "kernels/depthwise_f32/row.h"
