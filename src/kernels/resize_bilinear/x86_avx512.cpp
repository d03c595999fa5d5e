#define ML_KERNEL_NAME(function) function##_avx512
#include "kernels/resize_bilinear/rows.h"
