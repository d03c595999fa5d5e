#define ML_KERNEL_NAME(function) function##_f32_avx512
#define ML_WIDTH 16
#include "kernels/elementwise_f32/rows.h"
