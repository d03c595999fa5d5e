#pragma once
// What makers of random graphs share: choices out of bytes, and nodes that name themselves.

#include <cstdint>
#include <string>
#include <vector>

#include "convert/graph_writer.h"

namespace monolite::fuzz {

class LayerWriter {
 protected:
  using Dims = std::vector<int64_t>;
  using Attrs = conversion::GraphWriter::Attrs;

  LayerWriter(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  static int64_t elements(const Dims& dims) {
    int64_t n = 1;
    for (const int64_t d : dims) n *= d;
    return n;
  }

  bool has_bytes() const { return left_ > 0; }
  uint8_t byte() { return left_ == 0 ? uint8_t{0} : (--left_, *data_++); }
  int64_t below(int64_t n) { return byte() % n; }
  bool coin() { return byte() % 2 == 1; }
  std::string name(const std::string& op) { return op + "_" + std::to_string(names_++); }

  std::string placeholder(const Dims& dims) {
    return w_.node("x", "Placeholder", {},
                   {{"dtype", tensorflow::DataType::float32}, {"shape", tensorflow::PartialShape{true, dims}}});
  }
  std::string node(const std::string& op, const std::vector<std::string>& inputs, const Attrs& attrs = {}) {
    return w_.float_node(name(op), op, inputs, attrs);
  }
  // Numbers from `least` to `most` without a pattern; a byte makes them others.
  std::string floats(const Dims& dims, float least = -1, float most = 1) {
    uint32_t state = byte() * 2654435761U + 12345;
    std::vector<float> v(static_cast<size_t>(elements(dims)));
    for (float& x : v) {
      state = state * 1664525U + 1013904223U;
      x = least + (most - least) * static_cast<float>(state >> 8) / static_cast<float>(1 << 24);
    }
    return w_.floats(name("c"), dims, std::move(v));
  }
  std::string scalar(float v) { return w_.floats(name("s"), {}, {v}); }
  std::string ints(const Dims& dims, const Dims& v) {
    return w_.ints(name("i"), dims, std::vector<int32_t>(v.begin(), v.end()));
  }

  conversion::GraphWriter w_;

 private:
  const uint8_t* data_;
  size_t left_;
  int names_ = 0;
};

}  // namespace monolite::fuzz
