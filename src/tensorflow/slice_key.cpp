#include "tensorflow/slice_key.h"

#include <bit>

namespace monolite::tensorflow {
namespace {

// A count of bytes, then the number with its most significant byte first and no leading zeros.
void append_unsigned(std::string& to, uint64_t value) {
  std::string digits;
  for (; value != 0; value >>= 8) digits.insert(digits.begin(), static_cast<char>(value & 0xff));
  to.push_back(static_cast<char>(digits.size()));
  to += digits;
}

// Zero and 255 bytes are escaped by the other; zero, one ends the text.
void append_text(std::string& to, const std::string& text) {
  for (const char c : text) {
    to.push_back(c);
    if (c == '\0') to.push_back('\xff');
    if (c == '\xff') to.push_back('\0');
  }
  to += std::string("\0\1", 2);
}

// As many leading bits as there are bytes, complemented for negative numbers; 6 bits in the first byte, 7 more in each
// further.
void append_signed(std::string& to, int64_t value) {
  const auto magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  const int bytes = std::bit_width(magnitude) / 7 + 1;
  std::string big_endian(10, value < 0 ? '\xff' : '\0');
  for (int i = 0; i < 8; ++i) big_endian[static_cast<size_t>(9 - i)] = static_cast<char>(value >> (8 * i));
  std::string tail = big_endian.substr(static_cast<size_t>(10 - bytes));
  for (int bit = 0; bit < bytes; ++bit) {  // the header: `bytes` ones, over the sign's bits
    tail[static_cast<size_t>(bit / 8)] = static_cast<char>(tail[static_cast<size_t>(bit / 8)] ^ (0x80 >> (bit % 8)));
  }
  to += tail;
}

}  // namespace

std::string slice_key(const std::string& variable, const std::vector<SliceExtent>& extents) {
  std::string key;
  append_unsigned(key, 0);
  append_text(key, variable);
  append_unsigned(key, extents.size());
  for (const SliceExtent& e : extents) {
    append_signed(key, e.start);
    append_signed(key, e.length);
  }
  return key;
}

}  // namespace monolite::tensorflow
