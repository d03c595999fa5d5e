#define ML_KERNEL_NAME(function) function##_avx2
#define ML_WIDTH 8
#include "kernels/pool/windows.h"
