#define ML_KERNEL_NAME(function) function##_portable
#include "kernels/resize_bilinear/rows.h"
