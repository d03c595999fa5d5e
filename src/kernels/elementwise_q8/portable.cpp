#include "kernels/elementwise_q8/elementwise_q8.h"

namespace monolite::kernels {

void add_q8_portable(const AddQ8Args& args) {
  for (int64_t i = 0; i < args.count; ++i) {
    const int32_t a = (args.a[i] ^ args.flip) - args.a_zero_point, b = (args.b[i] ^ args.flip) - args.b_zero_point;
    const int32_t sum = scaled_q8(a, *args.a_scale, 0) + scaled_q8(b, *args.b_scale, 0);
    args.out[i] = requantize_q8(sum, *args.sum_scale, 0, args.output);
  }
}

void lookup_q8_portable(const LookupQ8Args& args) {
  for (int64_t i = 0; i < args.count; ++i) args.out[i] = args.table[args.in[i]];
}

}  // namespace monolite::kernels
