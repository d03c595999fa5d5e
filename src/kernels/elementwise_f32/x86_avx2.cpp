#define ML_KERNEL_NAME(function) function##_f32_avx2
#define ML_WIDTH 8
#include "kernels/elementwise_f32/rows.h"
