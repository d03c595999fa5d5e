#pragma once
// A verb's command line: flags are declared, parsed, explained by --help, and errors printed as the contract has them.
//
// Accepted: --output_stride and --output-stride, --flag value and --flag=value, unique prefixes, --flag / --flag=true|1
// /
// --flag=false|0 / --noflag for booleans, "--" before positionals that start with a dash.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite::cli {

// Exit codes, as the contract has them.
inline constexpr int kYes = 0, kNo = 1, kUsage = 2, kBadInput = 3, kFault = 4;

class Args {
 public:
  // `arguments`: what stands behind the verb.
  Args(std::string verb, std::string summary, std::vector<std::string> arguments);

  // A value without a flag, in order. The last one may be a list, which takes all that is left.
  Args& positional(const std::string& name, std::string& to, const std::string& help);
  Args& optional_positional(const std::string& name, std::string& to, const std::string& help);
  Args& positional_list(const std::string& name, std::vector<std::string>& to, const std::string& help,
                        size_t least = 0);

  // A flag; `value` is the word that stands for its value in --help. Lists take the flag several times, and commas.
  Args& flag(const std::string& name, bool& to, const std::string& help);
  Args& flag(const std::string& name, std::optional<bool>& to, const std::string& help);
  Args& flag(const std::string& name, int& to, const std::string& value, const std::string& help);
  Args& flag(const std::string& name, std::optional<int>& to, const std::string& value, const std::string& help);
  Args& flag(const std::string& name, double& to, const std::string& value, const std::string& help);
  Args& flag(const std::string& name, std::optional<double>& to, const std::string& value, const std::string& help);
  Args& flag(const std::string& name, std::string& to, const std::string& value, const std::string& help);
  Args& flag(const std::string& name, std::optional<std::string>& to, const std::string& value,
             const std::string& help);
  // Several times; each value as it stands, commas included.
  Args& flags(const std::string& name, std::vector<std::string>& to, const std::string& value, const std::string& help);
  // A flag whose value `parse` takes; an error's `expected` and `mend` are shown.
  Args& flag(const std::string& name, const std::string& value, const std::string& help,
             std::function<Expected<void>(const std::string&)> parse);
  // The last flag has another, short spelling: "-o".
  Args& short_name(const std::string& name);
  // Flags of other tools that mean nothing here: accepted, with or without =value.
  Args& ignored(const std::vector<std::string>& names);
  // A flag of another tool that is accepted, with =value or without, and answered with a sentence on stderr when used.
  Args& foreign(const std::string& name, const std::string& answer);
  // An unknown flag is a warning, not an error (as benchmark_model has it).
  Args& warn_of_unknown();
  // A line of the EXAMPLES section.
  Args& example(const std::string& command);
  // A paragraph below the summary.
  Args& note(const std::string& text);

  // Parses; an exit code where there is nothing left to do: --help was asked for, or the usage is wrong (both are
  // printed).
  std::optional<int> parse();

  bool json() const { return json_; }
  bool quiet() const { return quiet_; }
  bool verbose() const { return verbose_; }
  // Was the flag given? For values that must not contradict.
  bool given(const std::string& name) const;
  const std::vector<std::string>& arguments() const { return arguments_; }

  // Prints the error to stderr; its exit code.
  int fail(const Error& error) const;
  // Prints a remark to stderr, unless --quiet.
  void remark(const std::string& text) const;

 private:
  struct Flag {
    std::string name, short_name, value, help;
    bool is_bool = false, is_ignored = false, given = false;
    std::function<Expected<void>(const std::string&)> parse;
  };
  struct Positional {
    std::string name, help;
    size_t least = 1;
    std::string* single = nullptr;
    std::vector<std::string>* list = nullptr;
  };

  Args& add(Flag flag);
  Expected<void> parse_all();
  Expected<void> parse_flag(size_t& i);
  Expected<void> take(Flag& flag, bool is_negated, const std::optional<std::string>& value, size_t& i);
  Expected<void> place_positionals(const std::vector<std::string>& values);
  Expected<Flag*> find(const std::string& name, bool& is_negated);
  Error unknown(const std::string& name) const;
  void print_help() const;
  std::string usage_line() const;

  std::string verb_, summary_;
  std::vector<std::string> arguments_, examples_, notes_;
  std::vector<Flag> flags_;
  std::vector<Positional> positionals_;
  bool json_ = false, quiet_ = false, verbose_ = false, help_ = false, warns_ = false;
};

}  // namespace monolite::cli
