#include "args.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace monolite::cli {
namespace {

std::string underscored(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Unexpected bad_value(const std::string& found, const std::string& expected) {
  return Unexpected(usage_error("", "\"" + printable(found) + "\"", expected));
}

Expected<bool> parse_bool(const std::string& text) {
  for (const char* yes : {"true", "True", "TRUE", "1", "t", "yes"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "False", "FALSE", "0", "f", "no"}) {
    if (text == no) return false;
  }
  return bad_value(text, "true or false");
}

Expected<int> parse_int(const std::string& text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + (text.starts_with('+') ? 1 : 0), end, value);
  if (error != std::errc() || stop != end) return bad_value(text, "a whole number");
  return value;
}

Expected<double> parse_double(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + (text.starts_with('+') ? 1 : 0), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return bad_value(text, "a number");
  return value;
}

template <class T, class Parse>
auto into(T& to, Parse parse) {
  return [&to, parse](const std::string& text) -> Expected<void> {
    ML_ASSIGN(to, parse(text));
    return {};
  };
}

Expected<std::string> parse_string(const std::string& text) { return text; }

}  // namespace

Args::Args(std::string verb, std::string summary, std::vector<std::string> arguments)
    : verb_(std::move(verb)), summary_(std::move(summary)), arguments_(std::move(arguments)) {
  flag("json", json_, "print one JSON document on stdout and nothing else");
  flag("quiet", quiet_, "no progress and no remarks");
  flag("verbose", verbose_, "more remarks");
  flag("help", help_, "show this").short_name("-h");
}

Args& Args::add(Flag flag) {
  flags_.push_back(std::move(flag));
  return *this;
}

Args& Args::positional(const std::string& name, std::string& to, const std::string& help) {
  positionals_.push_back({.name = name, .help = help, .least = 1, .single = &to});
  return *this;
}

Args& Args::optional_positional(const std::string& name, std::string& to, const std::string& help) {
  positionals_.push_back({.name = name, .help = help, .least = 0, .single = &to});
  return *this;
}

Args& Args::positional_list(const std::string& name, std::vector<std::string>& to, const std::string& help,
                            size_t least) {
  positionals_.push_back({.name = name, .help = help, .least = least, .list = &to});
  return *this;
}

Args& Args::flag(const std::string& name, bool& to, const std::string& help) {
  return add({.name = name, .help = help, .is_bool = true, .parse = into(to, parse_bool)});
}
Args& Args::flag(const std::string& name, std::optional<bool>& to, const std::string& help) {
  return add({.name = name, .help = help, .is_bool = true, .parse = into(to, parse_bool)});
}
Args& Args::flag(const std::string& name, int& to, const std::string& value, const std::string& help) {
  return add({.name = name, .value = value, .help = help, .parse = into(to, parse_int)});
}
Args& Args::flag(const std::string& name, std::optional<int>& to, const std::string& value, const std::string& help) {
  return add({.name = name, .value = value, .help = help, .parse = into(to, parse_int)});
}
Args& Args::flag(const std::string& name, double& to, const std::string& value, const std::string& help) {
  return add({.name = name, .value = value, .help = help, .parse = into(to, parse_double)});
}
Args& Args::flag(const std::string& name, std::optional<double>& to, const std::string& value,
                 const std::string& help) {
  return add({.name = name, .value = value, .help = help, .parse = into(to, parse_double)});
}
Args& Args::flag(const std::string& name, std::string& to, const std::string& value, const std::string& help) {
  return add({.name = name, .value = value, .help = help, .parse = into(to, parse_string)});
}
Args& Args::flag(const std::string& name, std::optional<std::string>& to, const std::string& value,
                 const std::string& help) {
  return add({.name = name, .value = value, .help = help, .parse = into(to, parse_string)});
}

Args& Args::flags(const std::string& name, std::vector<std::string>& to, const std::string& value,
                  const std::string& help) {
  return flag(name, value, help + "; may be repeated", [&to](const std::string& text) -> Expected<void> {
    to.push_back(text);
    return {};
  });
}

Args& Args::flag(const std::string& name, const std::string& value, const std::string& help,
                 std::function<Expected<void>(const std::string&)> parse) {
  return add({.name = name, .value = value, .help = help, .parse = std::move(parse)});
}

Args& Args::short_name(const std::string& name) {
  flags_.back().short_name = name;
  return *this;
}

Args& Args::ignored(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    add({.name = name, .is_bool = true, .is_ignored = true, .parse = [](const std::string&) {
           return Expected<void>();
         }});
  }
  return *this;
}

Args& Args::foreign(const std::string& name, const std::string& answer) {
  return add({.name = name, .is_bool = true, .is_ignored = true, .parse = [this, name, answer](const std::string&) {
                remark("note: --" + name + ": " + answer);
                return Expected<void>();
              }});
}

Args& Args::warn_of_unknown() {
  warns_ = true;
  return *this;
}

Args& Args::example(const std::string& command) {
  examples_.push_back(command);
  return *this;
}

Args& Args::note(const std::string& text) {
  notes_.push_back(text);
  return *this;
}

bool Args::given(const std::string& name) const {
  return std::any_of(flags_.begin(), flags_.end(), [&](const Flag& f) { return f.name == name && f.given; });
}

std::optional<int> Args::parse() {
  const auto parsed = parse_all();
  if (help_) {
    print_help();
    return kYes;
  }
  if (!parsed) return fail(parsed.error());
  return std::nullopt;
}

Expected<void> Args::parse_all() {
  std::vector<std::string> values;
  bool flags_end = false;
  for (size_t i = 0; i < arguments_.size(); ++i) {
    const std::string& word = arguments_[i];
    if (!flags_end && word == "--") {
      flags_end = true;
    } else if (!flags_end && word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9')) {
      ML_TRY(parse_flag(i));
    } else {
      values.push_back(word);
    }
  }
  if (help_) return {};
  return place_positionals(values);
}

Expected<void> Args::parse_flag(size_t& i) {
  const std::string word = arguments_[i];
  const size_t equals = word.find('=');
  std::optional<std::string> value;
  if (equals != std::string::npos) value = word.substr(equals + 1);
  bool is_negated = false;
  auto flag = find(word.substr(0, equals), is_negated);
  if (!flag && warns_ && flag.error().kind == ErrorKind::usage) {
    remark("warning: unconsumed flag " + printable(word) +
           (flag.error().mend.empty() ? "" : " (" + flag.error().mend + ")"));
    return {};
  }
  if (!flag) return Unexpected(std::move(flag).error());
  return take(**flag, is_negated, value, i);
}

Expected<void> Args::take(Flag& flag, bool is_negated, const std::optional<std::string>& value, size_t& i) {
  flag.given = true;
  std::string text;
  if (flag.is_bool) {
    text = value ? *value : "true";
    if (is_negated) text = "false";
    if (is_negated && value) return Unexpected(usage_error("--no" + flag.name, "a value", "none behind --no…"));
  } else if (value) {
    text = *value;
  } else if (i + 1 < arguments_.size()) {
    text = arguments_[++i];
  } else {
    return Unexpected(usage_error("--" + flag.name, "nothing behind it", flag.value, "monolite " + verb_ + " --help"));
  }
  auto parsed = flag.parse(text);
  if (!parsed) return Unexpected(parsed.error().at("--" + flag.name));
  return {};
}

Expected<Args::Flag*> Args::find(const std::string& spelled, bool& is_negated) {
  for (Flag& f : flags_) {
    if (!f.short_name.empty() && spelled == f.short_name) return &f;
  }
  if (!spelled.starts_with("--")) return Unexpected(unknown(spelled));
  const std::string name = underscored(spelled.substr(2));
  std::vector<Flag*> begun;
  for (Flag& f : flags_) {
    const std::string known = underscored(f.name);
    if (known == name) return &f;
    if (f.is_bool && "no" + known == name) {
      is_negated = true;
      return &f;
    }
    if (known.starts_with(name) && !f.is_ignored) begun.push_back(&f);
  }
  if (begun.size() == 1) return begun[0];
  if (begun.empty()) return Unexpected(unknown(spelled));
  std::string candidates;
  for (const Flag* f : begun) candidates += (candidates.empty() ? "--" : ", --") + f->name;
  return Unexpected(usage_error(printable(spelled), "the beginning of several flags", candidates));
}

Error Args::unknown(const std::string& spelled) const {
  std::vector<std::string> names;
  for (const Flag& f : flags_) names.push_back(underscored(f.name));
  const std::string near =
      nearest(underscored(spelled.substr(std::min(spelled.find_first_not_of('-'), spelled.size()))), names);
  const std::string hint =
      near.empty() ? "monolite " + verb_ + " --help shows all flags" : "did you mean --" + near + "?";
  return usage_error("monolite " + verb_, "the unknown flag " + printable(spelled), "a flag of this verb", hint);
}

Expected<void> Args::place_positionals(const std::vector<std::string>& values) {
  size_t next = 0;
  for (const Positional& p : positionals_) {
    if (p.list != nullptr) {
      p.list->assign(values.begin() + static_cast<std::ptrdiff_t>(std::min(next, values.size())), values.end());
      if (p.list->size() < p.least)
        return Unexpected(usage_error("monolite " + verb_, "no " + p.name, p.help, usage_line()));
      next = values.size();
    } else if (next < values.size()) {
      *p.single = values[next++];
    } else if (p.least > 0) {
      return Unexpected(usage_error("monolite " + verb_, "no " + p.name, p.help, usage_line()));
    }
  }
  if (next < values.size()) {
    return Unexpected(usage_error("monolite " + verb_, "\"" + printable(values[next]) + "\" too many",
                                  fmt::format("{} argument(s)", positionals_.size()), usage_line()));
  }
  return {};
}

int Args::fail(const Error& error) const {
  std::fprintf(stderr, "error: %s\n", to_string(error).c_str());
  switch (error.kind) {
    case ErrorKind::usage:
      return kUsage;
    case ErrorKind::internal:
      return kFault;
    default:
      return kBadInput;
  }
}

void Args::remark(const std::string& text) const {
  if (!quiet_) std::fprintf(stderr, "%s\n", text.c_str());
}

std::string Args::usage_line() const {
  std::string line = "monolite " + verb_;
  for (const Positional& p : positionals_) {
    const std::string shown = p.name + (p.list != nullptr ? "..." : "");
    line += p.least > 0 ? " " + shown : " [" + shown + "]";
  }
  return line + " [flags]";
}

void Args::print_help() const {
  std::string text = "monolite " + verb_ + ": " + summary_ + "\n\nUSAGE\n  " + usage_line() + "\n";
  for (const std::string& n : notes_) text += "\n" + n + "\n";
  if (!positionals_.empty()) text += "\n";
  for (const Positional& p : positionals_) text += fmt::format("  {:<28}{}\n", p.name, p.help);
  text += "\nFLAGS\n";
  for (const Flag& f : flags_) {
    if (f.is_ignored) continue;
    const std::string names =
        (f.short_name.empty() ? "" : f.short_name + ", ") + "--" + f.name + (f.value.empty() ? "" : " " + f.value);
    text += names.size() < 27 ? fmt::format("  {:<28}{}\n", names, f.help)
                              : fmt::format("  {}\n  {:<28}{}\n", names, "", f.help);
  }
  if (!examples_.empty()) text += "\nEXAMPLES\n";
  for (const std::string& e : examples_) text += "  " + e + "\n";
  std::fputs(text.c_str(), stdout);
}

}  // namespace monolite::cli
