#define ML_KERNEL_NAME(function) winograd_f32_##function##_avx2
#define ML_WIDTH 8
#include "kernels/winograd_f32/transforms.h"
