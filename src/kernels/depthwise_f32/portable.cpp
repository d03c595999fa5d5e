#define ML_KERNEL_NAME depthwise_f32_portable
#include "kernels/depthwise_f32/row.h"
