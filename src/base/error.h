#pragma once
// What went wrong, in the words of whoever has to mend it.

#include <string>

namespace monolite {

enum class ErrorKind {
  usage,         // the caller asked for something that does not exist: exit code 2
  input,         // a file or a value cannot be used: exit code 3
  not_constant,  // a value is not known before the graph runs; shape inference catches this one
  internal,      // a fault of this program: exit code 4
};

// Where, what was found, what was expected, how to mend it. Empty parts are left out when printed.
struct Error {
  ErrorKind kind = ErrorKind::input;
  std::string where;
  std::string found;
  std::string expected;
  std::string mend;

  // The same error, said from further out: "model.tflite" before "node 3".
  Error at(const std::string& place) const;
};

// An error about an input: the usual kind.
Error input_error(std::string where, std::string found, std::string expected = {}, std::string mend = {});

// An error about how a command or a call was put.
Error usage_error(std::string where, std::string found, std::string expected = {}, std::string mend = {});

// The lines that a person reads, without "error: " before and without a newline behind.
std::string to_string(const Error& error);

}  // namespace monolite
