#include "tensorflow/graph.h"

#include <charconv>

namespace monolite::tensorflow {

std::string to_string(const std::vector<int64_t>& dims) {
  std::string text = "[";
  for (const int64_t d : dims) {
    if (text.size() > 1) text += ", ";
    text += d < 0 ? "?" : std::to_string(d);
  }
  return text + "]";
}

TensorName parse_tensor_name(std::string_view text) {
  TensorName t;
  if (text.starts_with('^')) {
    t.is_control = true;
    text.remove_prefix(1);
  }
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    int output = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), output);
    if (error == std::errc() && end == digits.data() + digits.size() && output >= 0) {
      t.output = output;
      text = text.substr(0, colon);
    }
  }
  t.node = std::string(text);
  return t;
}

}  // namespace monolite::tensorflow
