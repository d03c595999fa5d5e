#pragma once
// The extents of a tensor, outermost first: NHWC for pictures.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "ir/dtype.h"

namespace monolite {

class Shape {
 public:
  Shape() = default;  // a scalar
  Shape(std::initializer_list<int32_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<int32_t> dims) : dims_(std::move(dims)) {}
  template <class Iterator>
  Shape(Iterator first, Iterator last) : dims_(first, last) {}

  int rank() const { return static_cast<int>(dims_.size()); }
  int32_t operator[](int i) const { return dims_[static_cast<size_t>(i)]; }
  int32_t& operator[](int i) { return dims_[static_cast<size_t>(i)]; }
  // The i-th extent from the end: back(0) is the innermost.
  int32_t back(int i) const { return dims_[dims_.size() - 1 - static_cast<size_t>(i)]; }
  const std::vector<int32_t>& dims() const { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }
  void push_back(int32_t extent) { dims_.push_back(extent); }

  // No extent is negative.
  bool is_valid() const;

  // The product of the extents; nothing where one is negative or the product passes 2^62.
  std::optional<int64_t> checked_elements() const;

  // The product of the extents of a shape that was checked before.
  int64_t elements() const;
  // The product of extents [first, last).
  int64_t elements(int first, int last) const;

  bool operator==(const Shape&) const = default;

 private:
  std::vector<int32_t> dims_;
};

// Bytes of a tensor of a shape that was checked before, with at most 2^56 elements; those smaller than a byte are
// packed.
int64_t bytes_of(const Shape& shape, DType dtype);

// "1x513x513x3"; "scalar" for rank 0.
std::string to_string(const Shape& shape);

}  // namespace monolite
