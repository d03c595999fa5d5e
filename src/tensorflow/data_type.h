#pragma once
// Element types of TensorFlow's files; the numbers are theirs (types.proto).

#include <cstdint>
#include <string>

namespace monolite::tensorflow {

enum class DataType : int32_t {
  invalid = 0,
  float32 = 1,
  float64 = 2,
  int32 = 3,
  uint8 = 4,
  int16 = 5,
  int8 = 6,
  string = 7,
  complex64 = 8,
  int64 = 9,
  boolean = 10,
  qint8 = 11,
  quint8 = 12,
  qint32 = 13,
  bfloat16 = 14,
  qint16 = 15,
  quint16 = 16,
  uint16 = 17,
  complex128 = 18,
  float16 = 19,
  resource = 20,
  variant = 21,
  uint32 = 22,
  uint64 = 23,
};

// Bytes of one element; 0 for string, resource, variant and what this program does not know.
int size_bytes(DataType type);

// "float32"; "type 99" for an unknown number. A reference type (number + 100, in old graphs) is named as its base type.
std::string name(DataType type);

}  // namespace monolite::tensorflow
