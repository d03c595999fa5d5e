#define ML_KERNEL_NAME(function) function##_f32_neon
#define ML_WIDTH 4
#include "kernels/elementwise_f32/rows.h"
