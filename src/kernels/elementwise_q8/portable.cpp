#include "kernels/elementwise_q8/elementwise_q8.h"

namespace monolite::kernels {

void add_q8_portable(const AddQ8Args& args) {
  for (int64_t i = 0; i < args.count; ++i) {
    const int32_t sum = args.sum->a_terms.whole[args.a[i]] + args.sum->b_terms.whole[args.b[i]];
    args.out[i] = requantize_q8(sum, args.sum->scale, 0, args.sum->output);
  }
}

void mul_q8_portable(const MulQ8Args& args) {
  for (int64_t i = 0; i < args.count; ++i) {
    const int32_t a = (args.a[i] ^ args.flip) - args.a_zero_point, b = (args.b[i] ^ args.flip) - args.b_zero_point;
    args.out[i] = requantize_q8(a * b, *args.scale, 0, args.output);
  }
}

void lookup_q8_portable(const LookupQ8Args& args) {
  for (int64_t i = 0; i < args.count; ++i) args.out[i] = args.table[args.in[i]];
}

}  // namespace monolite::kernels
