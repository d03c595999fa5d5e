#include "ir/dtype.h"

#include <array>

namespace monolite {
namespace {

struct Facts {
  std::string_view name;
  int bits;
};

constexpr std::array<Facts, 23> kFacts{
    {{"float32", 32},  {"float16", 16}, {"int32", 32},     {"uint8", 8},         {"int64", 64},     {"string", 0},
     {"bool", 8},      {"int16", 16},   {"complex64", 64}, {"int8", 8},          {"float64", 64},   {"complex128", 128},
     {"uint64", 64},   {"resource", 0}, {"variant", 0},    {"uint32", 32},       {"uint16", 16},    {"int4", 4},
     {"bfloat16", 16}, {"int2", 2},     {"uint4", 4},      {"float8_e4m3fn", 8}, {"float8_e5m2", 8}}};

const Facts& facts(DType dtype) {
  static constexpr Facts unknown{"unknown", 0};
  const auto i = static_cast<size_t>(dtype);
  return i < kFacts.size() ? kFacts[i] : unknown;
}

}  // namespace

std::string_view name(DType dtype) { return facts(dtype).name; }

std::optional<DType> dtype_from_name(std::string_view name) {
  for (size_t i = 0; i < kFacts.size(); ++i) {
    if (kFacts[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

int size_bits(DType dtype) { return facts(dtype).bits; }
int size_bytes(DType dtype) { return size_bits(dtype) / 8; }

bool is_float(DType dtype) {
  return dtype == DType::float32 || dtype == DType::float16 || dtype == DType::float64 || dtype == DType::bfloat16;
}

bool is_integer(DType dtype) {
  switch (dtype) {
    case DType::int2:
    case DType::int4:
    case DType::uint4:
    case DType::int8:
    case DType::uint8:
    case DType::int16:
    case DType::uint16:
    case DType::int32:
    case DType::uint32:
    case DType::int64:
    case DType::uint64:
      return true;
    default:
      return false;
  }
}

}  // namespace monolite
