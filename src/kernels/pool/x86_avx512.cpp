#define ML_KERNEL_NAME(function) function##_avx512
#define ML_WIDTH 16
#include "kernels/pool/windows.h"
