#include "tensorflow/data_type.h"

namespace monolite::tensorflow {

int size_bytes(DataType type) {
  switch (type) {
    case DataType::boolean:
    case DataType::int8:
    case DataType::uint8:
    case DataType::qint8:
    case DataType::quint8:
      return 1;
    case DataType::int16:
    case DataType::uint16:
    case DataType::qint16:
    case DataType::quint16:
    case DataType::float16:
    case DataType::bfloat16:
      return 2;
    case DataType::float32:
    case DataType::int32:
    case DataType::uint32:
    case DataType::qint32:
      return 4;
    case DataType::float64:
    case DataType::int64:
    case DataType::uint64:
    case DataType::complex64:
      return 8;
    case DataType::complex128:
      return 16;
    default:
      return 0;
  }
}

std::string name(DataType type) {
  static constexpr const char* kNames[] = {"invalid",    "float32", "float64",   "int32",   "uint8",   "int16",
                                           "int8",       "string",  "complex64", "int64",   "bool",    "qint8",
                                           "quint8",     "qint32",  "bfloat16",  "qint16",  "quint16", "uint16",
                                           "complex128", "float16", "resource",  "variant", "uint32",  "uint64"};
  constexpr int kReference = 100;
  int number = static_cast<int>(type);
  if (number > kReference) number -= kReference;
  if (number < 0 || number >= static_cast<int>(std::size(kNames))) return "type " + std::to_string(number);
  return kNames[number];
}

}  // namespace monolite::tensorflow
