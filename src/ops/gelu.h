#pragma once
// GELU: x times the normal distribution's share below x, or the approximation by tanh.

namespace monolite::ops {

struct Gelu {  // the schema's GeluOptions
  bool approximate = false;
  template <class V>
  void visit(V&& v) {
    v("approximate", approximate);
  }
};

}  // namespace monolite::ops
