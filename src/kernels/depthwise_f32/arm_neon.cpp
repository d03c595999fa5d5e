#define ML_KERNEL_NAME depthwise_f32_neon
#define ML_WIDTH 4
#include "kernels/depthwise_f32/row.h"
