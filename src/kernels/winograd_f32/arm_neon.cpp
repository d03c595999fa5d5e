#define ML_KERNEL_NAME(function) winograd_f32_##function##_neon
#define ML_WIDTH 4
#include "kernels/winograd_f32/transforms.h"
