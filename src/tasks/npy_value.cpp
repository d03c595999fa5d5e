#include "tasks/npy_value.h"

#include <limits>

namespace monolite::tasks {
namespace {

struct Pair {
  DType dtype;
  char kind;
  int item_bytes;
};

constexpr Pair kPairs[] = {
    {DType::float16, 'f', 2},   {DType::float32, 'f', 4},     {DType::float64, 'f', 8}, {DType::int8, 'i', 1},
    {DType::int16, 'i', 2},     {DType::int32, 'i', 4},       {DType::int64, 'i', 8},   {DType::uint8, 'u', 1},
    {DType::uint16, 'u', 2},    {DType::uint32, 'u', 4},      {DType::uint64, 'u', 8},  {DType::boolean, 'b', 1},
    {DType::complex64, 'c', 8}, {DType::complex128, 'c', 16},
};

}  // namespace

Expected<ops::Value> to_value(const image::NpyArray& array, const std::string& name) {
  Shape shape;
  for (const int64_t extent : array.shape) {
    if (extent > std::numeric_limits<int32_t>::max()) {
      return Unexpected(input_error(name, "an extent of " + std::to_string(extent), "at most 2147483647"));
    }
    shape.push_back(static_cast<int32_t>(extent));
  }
  for (const Pair& p : kPairs) {
    if (p.kind == array.kind && p.item_bytes == array.item_bytes) return ops::Value{p.dtype, shape, array.data};
  }
  return Unexpected(input_error(name, std::string("elements of type ") + array.kind + std::to_string(array.item_bytes),
                                "a type that a tensor has", "save it as numpy.float32"));
}

std::optional<image::NpyArray> to_npy(const ops::Value& value) {
  for (const Pair& p : kPairs) {
    if (p.dtype != value.dtype) continue;
    return image::NpyArray{p.kind, p.item_bytes, {value.shape.begin(), value.shape.end()}, value.data};
  }
  return std::nullopt;
}

}  // namespace monolite::tasks
