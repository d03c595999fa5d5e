#define ML_KERNEL_NAME(function) function##_avx2
#include "kernels/resize_bilinear/rows.h"
