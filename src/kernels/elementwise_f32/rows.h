// The kernels' one source. A file for each instruction set includes it with ML_KERNEL_NAME(function) and ML_WIDTH
// (floats of a vector) defined; everything but the kernels themselves is static.

#include <cstring>

#include "kernels/elementwise_f32/elementwise_f32.h"
#include "kernels/repeat.h"
#include "kernels/vectors.h"

namespace monolite::kernels {
namespace {

template <class F>
ALWAYS_INLINE void binary(const BinaryF32Args& args, const F& f) {
  const Vector least = args.least - Vector{}, most = args.most - Vector{};
  const Vector one_a = *args.a - Vector{}, one_b = *args.b - Vector{};
  int64_t i = 0;
  for (; i + ML_WIDTH <= args.count; i += ML_WIDTH) {
    const Vector a = args.a_step != 0 ? load(args.a + i) : one_a, b = args.b_step != 0 ? load(args.b + i) : one_b;
    store(clamped(f(a, b), least, most), args.out + i);
  }
  const int64_t left = args.count - i;
  if (left == 0) return;
  const Vector a = args.a_step != 0 ? load_first(args.a + i, left, 0) : one_a;
  const Vector b = args.b_step != 0 ? load_first(args.b + i, left, 0) : one_b;
  store_first(clamped(f(a, b), least, most), args.out + i, left);
}

// exp of numbers in [-87, 0], what is less counts as -87: 2^n * exp(r) with |r| <= log(2) / 2, by Taylor's polynomial
// of the sixth degree, 1.2e-7 off at most before rounding.
ALWAYS_INLINE Vector exp_of_negative(Vector x) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: the sum's fraction is rounded off
  const Vector lowest = Vector{} - 87.0F;
  x = x < lowest ? lowest : x;
  const Vector shifted = x * 1.44269504F + kRound, n = shifted - kRound;
  const Vector r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Vector p = r * (1.0F / 720) + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  Whole bits;
  std::memcpy(&bits, &shifted, sizeof(bits));
  bits = (bits + 127) << 23;  // the lowest bits of `shifted` are n
  Vector power;
  std::memcpy(&power, &bits, sizeof(power));
  return p * power;
}

template <class F>
ALWAYS_INLINE void unary(const UnaryF32Args& args, const F& f) {
  const Vector least = args.least - Vector{}, most = args.most - Vector{};
  int64_t i = 0;
  for (; i + ML_WIDTH <= args.count; i += ML_WIDTH) store(clamped(f(load(args.in + i)), least, most), args.out + i);
  const int64_t left = args.count - i;
  if (left > 0) store_first(clamped(f(load_first(args.in + i, left, 0)), least, most), args.out + i, left);
}

// 1 / (1 + exp(-x)): exp of -|x| alone is needed.
ALWAYS_INLINE Vector sigmoid(const Vector& x) {
  const Vector zero{}, e = exp_of_negative(x > zero ? -x : x), share = 1.0F / (1.0F + e);
  const Vector result = x > zero ? share : e * share;
  return x == x ? result : x;
}

struct ToBytes {
  Vector scale;
  Whole zero_point, least, most;

  // Numbers without an int32 count as the least one.
  ALWAYS_INLINE Bytes operator()(const Vector& in) const {
    const Vector steps = in / scale;
    const Whole fits = (steps >= -2147483648.0F - Vector{}) & (steps < 2147483648.0F - Vector{});
    const Vector safe = fits ? steps : Vector{};
    Whole whole = __builtin_convertvector(safe, Whole);
    const Vector rest = safe - __builtin_convertvector(whole, Vector);
    whole -= rest >= 0.5F;  // a comparison that holds is -1
    whole += rest <= -0.5F;
    whole = (fits ? whole : INT32_MIN - Whole{}) + zero_point;
    whole = whole < least ? least : whole;
    return __builtin_convertvector(whole > most ? most : whole, Bytes);
  }
};

float largest(const float* in, int64_t count) {
  Vector most = *in - Vector{};
  int64_t i = 0;
  for (; i + ML_WIDTH <= count; i += ML_WIDTH) {
    const Vector x = load(in + i);
    most = x > most ? x : most;
  }
  float values[ML_WIDTH];
  store(most, values);
  float result = values[0];
  for (const float v : values) result = v > result ? v : result;
  for (; i < count; ++i) result = in[i] > result ? in[i] : result;
  return result;
}

// Rows are compared side by side.
template <class Label>
void arg_max_of(const ArgMaxF32Args& args) {
  constexpr int kRows = ML_WIDTH;
  Label* out = static_cast<Label*>(args.out);
  for (int64_t row = 0; row < args.rows; row += kRows) {
    const int64_t rows = args.rows - row < kRows ? args.rows - row : kRows;
    const float* starts[kRows];
    for (int64_t r = 0; r < kRows; ++r) starts[r] = args.in + (row + (r < rows ? r : 0)) * args.count;
    const auto element = [&](int64_t k) __attribute__((always_inline)) {
      float values[kRows];
      repeat<kRows>(ML_EACH(r) { values[r] = starts[r][k]; });
      return load(values);
    };
    Vector best = element(0);
    Whole index{};
    for (int64_t k = 1; k < args.count; ++k) {
      const Vector next = element(k);
      const Whole better = (next > best) | ((best != best) & (next == next));
      best = better ? next : best;
      index = better ? static_cast<int32_t>(k) - Whole{} : index;
    }
    int32_t labels[kRows];
    std::memcpy(labels, &index, sizeof(index));
    for (int64_t r = 0; r < rows; ++r) out[row + r] = static_cast<Label>(labels[r]);
  }
}

}  // namespace

void ML_KERNEL_NAME(add)(const BinaryF32Args& args);
void ML_KERNEL_NAME(sub)(const BinaryF32Args& args);
void ML_KERNEL_NAME(mul)(const BinaryF32Args& args);
void ML_KERNEL_NAME(div)(const BinaryF32Args& args);
void ML_KERNEL_NAME(minimum)(const BinaryF32Args& args);
void ML_KERNEL_NAME(maximum)(const BinaryF32Args& args);
void ML_KERNEL_NAME(clamp)(const UnaryF32Args& args);
void ML_KERNEL_NAME(hard_swish)(const UnaryF32Args& args);
void ML_KERNEL_NAME(logistic)(const UnaryF32Args& args);
void ML_KERNEL_NAME(quantize)(const QuantizeF32Args& args);
void ML_KERNEL_NAME(dequantize)(const DequantizeF32Args& args);
void ML_KERNEL_NAME(softmax)(const SoftmaxF32Args& args);
void ML_KERNEL_NAME(arg_max)(const ArgMaxF32Args& args);

void ML_KERNEL_NAME(add)(const BinaryF32Args& args) {
  binary(
      args, [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return a + b; });
}

void ML_KERNEL_NAME(sub)(const BinaryF32Args& args) {
  binary(
      args, [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return a - b; });
}

void ML_KERNEL_NAME(mul)(const BinaryF32Args& args) {
  binary(
      args, [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return a * b; });
}

void ML_KERNEL_NAME(div)(const BinaryF32Args& args) {
  binary(
      args, [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return a / b; });
}

void ML_KERNEL_NAME(minimum)(const BinaryF32Args& args) {
  binary(
      args, [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return a < b ? a : b; });
}

void ML_KERNEL_NAME(maximum)(const BinaryF32Args& args) {
  binary(
      args, [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return a > b ? a : b; });
}

void ML_KERNEL_NAME(clamp)(const UnaryF32Args& args) {
  unary(
      args, [](const Vector& x) __attribute__((always_inline)) { return x; });
}

void ML_KERNEL_NAME(hard_swish)(const UnaryF32Args& args) {
  unary(
      args, [](const Vector& x) __attribute__((always_inline)) {
        const Vector zero{}, six = 6.0F - zero, more = x + 3.0F, above = more > zero ? more : zero;
        return x * (above < six ? above : six) / six;
      });
}

void ML_KERNEL_NAME(logistic)(const UnaryF32Args& args) {
  unary(
      args, [](const Vector& x) __attribute__((always_inline)) { return sigmoid(x); });
}

void ML_KERNEL_NAME(quantize)(const QuantizeF32Args& args) {
  const Whole zero{};
  const ToBytes to_bytes{args.scale - Vector{}, args.zero_point - zero, (args.is_signed ? -128 : 0) - zero,
                         (args.is_signed ? 127 : 255) - zero};
  int64_t i = 0;
  for (; i + ML_WIDTH <= args.count; i += ML_WIDTH) {
    const Bytes bytes = to_bytes(load(args.in + i));
    std::memcpy(args.out + i, &bytes, sizeof(bytes));
  }
  const int64_t left = args.count - i;
  if (left == 0) return;
  const Bytes bytes = to_bytes(load_first(args.in + i, left, 0));
  std::memcpy(args.out + i, &bytes, static_cast<size_t>(left));
}

void ML_KERNEL_NAME(dequantize)(const DequantizeF32Args& args) {
  // Signed bytes are unsigned ones with the upper bit turned, and 128 more.
  const uint8_t upper_bit = args.is_signed ? 0x80 : 0;
  const Bytes flip = upper_bit - Bytes{};
  const Whole zero_point = args.zero_point + (args.is_signed ? 128 : 0) - Whole{};
  const auto real = [&](const Bytes& bytes) __attribute__((always_inline)) {
    const Whole steps = __builtin_convertvector(bytes ^ flip, Whole) - zero_point;
    return args.scale * __builtin_convertvector(steps, Vector);
  };
  int64_t i = 0;
  for (; i + ML_WIDTH <= args.count; i += ML_WIDTH) {
    Bytes bytes;
    std::memcpy(&bytes, args.in + i, sizeof(bytes));
    store(real(bytes), args.out + i);
  }
  const int64_t left = args.count - i;
  if (left == 0) return;
  Bytes bytes{};
  std::memcpy(&bytes, args.in + i, static_cast<size_t>(left));
  store_first(real(bytes), args.out + i, left);
}

void ML_KERNEL_NAME(softmax)(const SoftmaxF32Args& args) {
  const float most = largest(args.in, args.count);
  Vector sums{};
  int64_t i = 0;
  for (; i + ML_WIDTH <= args.count; i += ML_WIDTH) {
    const Vector e = exp_of_negative((load(args.in + i) - most) * args.beta);
    store(e, args.out + i);
    sums += e;
  }
  const int64_t left = args.count - i;
  float values[ML_WIDTH], sum = 0;
  store(sums, values);
  for (const float v : values) sum += v;
  if (left > 0) {
    store(exp_of_negative((load_first(args.in + i, left, most) - most) * args.beta), values);
    for (int64_t k = 0; k < left; ++k) sum += args.out[i + k] = values[k];
  }
  const float share = 1.0F / sum;
  i = 0;
  for (; i + ML_WIDTH <= args.count; i += ML_WIDTH) store(load(args.out + i) * share, args.out + i);
  for (; i < args.count; ++i) args.out[i] *= share;
}

void ML_KERNEL_NAME(arg_max)(const ArgMaxF32Args& args) {
  args.label_bytes == 4 ? arg_max_of<int32_t>(args) : arg_max_of<int64_t>(args);
}

}  // namespace monolite::kernels
