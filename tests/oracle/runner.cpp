// Computes models that arrive on standard input with our backends, for tests/oracle/oracle.py. One request, one answer:
//
//   request  u32 backend (0 reference, 1 fast), u64 model bytes, model, u32 inputs, then per input a value
//   answer   u32 0, u32 outputs, then per output a value          or  u32 1, u64 bytes, the error's text
//   value    u32 dtype, u32 rank, i32 extents…, u64 bytes, elements
//
// Numbers are little-endian. Ends with the input.
#include <cstdio>
#include <cstring>
#include <vector>

#include "ops/evaluate.h"
#include "runtime/session.h"
#include "tflite/reader.h"

namespace {

using monolite::Buffer;
using monolite::ops::Value;

bool read_bytes(void* to, size_t n) { return n == 0 || std::fread(to, 1, n, stdin) == n; }
template <class T>
bool read_number(T& to) {
  return read_bytes(&to, sizeof(T));
}
bool read_blob(Buffer& to) {
  uint64_t n = 0;
  if (!read_number(n)) return false;
  std::vector<std::byte> bytes(n);
  if (!read_bytes(bytes.data(), n)) return false;
  to = Buffer::of(std::move(bytes));
  return true;
}

bool read_value(Value& to) {
  uint32_t dtype = 0, rank = 0;
  if (!read_number(dtype) || !read_number(rank)) return false;
  std::vector<int32_t> dims(rank);
  if (!read_bytes(dims.data(), rank * 4)) return false;
  to.dtype = static_cast<monolite::DType>(dtype);
  to.shape = monolite::Shape(std::move(dims));
  return read_blob(to.data);
}

void write_bytes(const void* from, size_t n) { std::fwrite(from, 1, n, stdout); }
template <class T>
void write_number(T value) {
  write_bytes(&value, sizeof(T));
}

void write_value(const Value& v) {
  write_number(static_cast<uint32_t>(v.dtype));
  write_number(static_cast<uint32_t>(v.shape.rank()));
  write_bytes(v.shape.dims().data(), v.shape.dims().size() * 4);
  write_number(static_cast<uint64_t>(v.data.size_bytes()));
  write_bytes(v.data.data(), v.data.size_bytes());
}

monolite::Expected<std::vector<Value>> compute(uint32_t backend, const Buffer& bytes,
                                               const std::vector<Value>& inputs) {
  ML_ASSIGN(const auto model, monolite::tflite::read(bytes, "model"));
  if (backend == 0) return monolite::ops::evaluate(model, inputs);
  ML_ASSIGN(const auto session, monolite::runtime::Session::create(model));
  return session->run(inputs);
}

}  // namespace

int main() {
  for (;;) {
    uint32_t backend = 0, count = 0;
    Buffer model;
    if (!read_number(backend) || !read_blob(model) || !read_number(count)) return 0;
    std::vector<Value> inputs(count);
    for (Value& v : inputs) {
      if (!read_value(v)) return 1;
    }
    const auto outputs = compute(backend, model, inputs);
    if (outputs) {
      write_number(uint32_t{0});
      write_number(static_cast<uint32_t>(outputs->size()));
      for (const Value& v : *outputs) write_value(v);
    } else {
      const std::string text = to_string(outputs.error());
      write_number(uint32_t{1});
      write_number(static_cast<uint64_t>(text.size()));
      write_bytes(text.data(), text.size());
    }
    std::fflush(stdout);
  }
}
