#include "base/error.h"

namespace monolite {

Error Error::at(const std::string& place) const {
  Error outer = *this;
  outer.where = where.empty() ? place : place + ", " + where;
  return outer;
}

Error input_error(std::string where, std::string found, std::string expected, std::string mend) {
  return {ErrorKind::input, std::move(where), std::move(found), std::move(expected), std::move(mend)};
}

Error usage_error(std::string where, std::string found, std::string expected, std::string mend) {
  return {ErrorKind::usage, std::move(where), std::move(found), std::move(expected), std::move(mend)};
}

std::string to_string(const Error& error) {
  std::string text = error.where.empty() ? error.found : error.where;
  if (!error.where.empty() && !error.found.empty()) text += "\n  found     " + error.found;
  if (!error.expected.empty()) text += "\n  expected  " + error.expected;
  if (!error.mend.empty()) text += "\n  to mend   " + error.mend;
  return text;
}

}  // namespace monolite
