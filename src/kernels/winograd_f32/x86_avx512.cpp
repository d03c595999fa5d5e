#define ML_KERNEL_NAME(function) winograd_f32_##function##_avx512
#define ML_WIDTH 16
#include "kernels/winograd_f32/transforms.h"
