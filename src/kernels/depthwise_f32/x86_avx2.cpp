#define ML_KERNEL_NAME depthwise_f32_avx2
#include "kernels/depthwise_f32/row.h"
