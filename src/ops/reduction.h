#pragma once
// Reductions: MEAN, SUM, REDUCE_*. Input 1 names the dimensions that go (or become 1, with keep_dims).

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/expected.h"
#include "base/fixed_point.h"
#include "ops/node_view.h"
#include "ops/op.h"

namespace monolite::ops {

struct Reducer {  // the schema's ReducerOptions
  bool keep_dims = false;
  template <class V>
  void visit(V&& v) {
    v("keep_dims", keep_dims);
  }
};

// Inputs, outputs, axes; the types are `types`.
Expected<void> verify_reduction(const NodeView& n, std::initializer_list<DType> types);

// The same, and where the type may be quantized, input and output must mean the same by their numbers.
Expected<void> verify_selection(const NodeView& n, std::initializer_list<DType> types);

Expected<Shapes> infer_reduction(const NodeView& n, const Reducer& a);

// For each dimension of the input: does it go? A scalar has none, whatever the axes say.
Expected<std::vector<bool>> reduced_dimensions(const NodeView& n);

// Which elements of the input fall together. Made for a node whose shapes are known.
class Reduction {
 public:
  static Expected<Reduction> of(const Evaluation& n);

  int64_t outputs() const { return outputs_; }
  // Input elements for each output.
  int64_t elements() const { return elements_; }
  bool is_of_all_dimensions() const { return of_all_; }

  // Calls f(output index, input index) for all elements of the input, in their order.
  template <class F>
  void for_each(F f) const {
    if (elements_ == 0 || outputs_ == 0) return;
    int64_t in = 0;
    visit(dims_, in, 0, f);
  }

 private:
  struct Dim {
    int64_t count, stride;  // the stride in the output: 0 where the dimension goes
  };

  template <class F>
  static void visit(std::span<const Dim> dims, int64_t& in, int64_t out, F& f) {
    if (dims.empty()) {
      f(out, in++);
    } else if (dims.size() == 1) {
      for (int64_t i = 0; i < dims[0].count; ++i) f(out + i * dims[0].stride, in++);
    } else {
      for (int64_t i = 0; i < dims[0].count; ++i) visit(dims.subspan(1), in, out + i * dims[0].stride, f);
    }
  }

  std::vector<Dim> dims_;  // extents of 1 left out, neighbours that go on alike made one
  int64_t outputs_ = 1, elements_ = 1;
  bool of_all_ = true;
};

// out = f(f(init, x0), x1) … over the elements x that fall together. Over all dimensions it starts with f(x0, x1), as
// LiteRT's kernel does: with NaNs that is not the same.
template <class T, class F>
Expected<void> reduce(const Evaluation& n, T init, F f) {
  ML_ASSIGN(const Reduction r, Reduction::of(n));
  const T* in = n.data<T>(0);
  T* out = n.out<T>(0);
  std::fill_n(out, r.outputs(), init);
  const bool starts_with_first = r.is_of_all_dimensions() && r.elements() > 0;
  if (starts_with_first) out[0] = in[0];
  r.for_each([&](int64_t o, int64_t i) {
    if (!starts_with_first || i > 0) out[o] = f(out[o], in[i]);
  });
  return {};
}

// What the sum of quantized elements comes to: less their zero points, times a multiplier, to the output's zero point
// and range.
template <class T>
struct QuantizedSum {
  int64_t zero_points;  // of all elements
  Multiplier multiplier;
  int32_t output_zero_point;

  QuantizedSum(const NodeView& n, int64_t elements, Multiplier m)
      : zero_points(n.zero_point(0) * elements), multiplier(m), output_zero_point(n.output_zero_point(0)) {}

  T operator()(int32_t sum) const {
    const int32_t value = multiply(static_cast<int32_t>(sum - zero_points), multiplier) + output_zero_point;
    return static_cast<T>(std::clamp<int32_t>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
};

template <class T>
void write_sums(const Evaluation& n, const Reduction& r, Multiplier multiplier) {
  const T* in = n.data<T>(0);
  std::vector<int32_t> sums(static_cast<size_t>(r.outputs()));  // wrap, as LiteRT's do
  r.for_each([&](int64_t o, int64_t i) { sums[static_cast<size_t>(o)] += in[i]; });
  const QuantizedSum<T> element(n, r.elements(), multiplier);
  std::transform(sums.begin(), sums.end(), n.out<T>(0), element);
}

}  // namespace monolite::ops
