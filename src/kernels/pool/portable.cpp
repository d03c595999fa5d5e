#define ML_KERNEL_NAME(function) function##_portable
#define ML_WIDTH 4
#include "kernels/pool/windows.h"
