#include "delegates/rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace monolite::delegates {
namespace {

std::string_view activation_name(int64_t activation) {
  constexpr std::string_view names[] = {"none", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"};
  return activation >= 0 && activation < 6 ? names[activation] : "unknown";
}

std::string rank_range(int least, int most) {
  return least == most ? fmt::format("{}", most)
         : least == 0  ? fmt::format("at most {}", most)
                       : fmt::format("{} to {}", least, most);
}

std::string type_name(DType t) { return t == DType::variant ? "absent" : std::string(name(t)); }

}  // namespace

std::string Types::names() const {
  std::vector<std::string_view> all;
  for (int t = 0; t < 32; ++t) {
    if (contains(static_cast<DType>(t))) all.push_back(name(static_cast<DType>(t)));
  }
  if (all.empty()) return "none";
  std::string text(all[0]);
  for (size_t i = 1; i < all.size(); ++i) {
    text += i + 1 == all.size() ? " or " : ", ";
    text += all[i];
  }
  return text;
}

void Judge::refuse(std::string code, std::string message, std::string fix) {
  refusals_.push_back({std::move(code), std::move(message), std::move(fix)});
}

bool Judge::expect(bool ok, std::string_view code, std::string_view message, std::string_view fix) {
  if (!ok) refuse(std::string(code), std::string(message), std::string(fix));
  return ok;
}

bool Judge::expect_version(int most) {
  if (n.version() <= most) return true;
  refuse("op_version", fmt::format("operator version {}; at most {} is taken", n.version(), most),
         "lower the version where the node uses nothing that is new in it");
  return false;
}

bool Judge::expect_type(int input, Types allowed) {
  if (allowed.contains(n.dtype(input))) return true;
  refuse("type", fmt::format("input {} is {}; {} is taken", input, type_name(n.dtype(input)), allowed.names()),
         allowed.contains(DType::float32) ? "" : "quantize the model to 8 bits");
  return false;
}

bool Judge::expect_output_type(Types allowed, int output) {
  if (allowed.contains(n.output_dtype(output))) return true;
  refuse("output_type",
         fmt::format("output {} is {}; {} is taken", output, type_name(n.output_dtype(output)), allowed.names()));
  return false;
}

bool Judge::expect_constant(int input, std::string_view what) {
  if (n.is_constant(input)) return true;
  refuse("not_constant", fmt::format("{} (input {}) is not a constant", what, input),
         "make it a constant of the model");
  return false;
}

bool Judge::expect_rank(int input, int least, int most) {
  if (n.rank(input) >= least && n.rank(input) <= most) return true;
  refuse("rank", fmt::format("input {} has rank {}; {} is taken", input, n.rank(input), rank_range(least, most)));
  return false;
}

bool Judge::expect_output_rank(int least, int most, int output) {
  if (n.output_rank(output) >= least && n.output_rank(output) <= most) return true;
  refuse("output_rank",
         fmt::format("output {} has rank {}; {} is taken", output, n.output_rank(output), rank_range(least, most)));
  return false;
}

bool Judge::expect_activation(std::initializer_list<int> allowed) {
  const int64_t activation = n.attribute("fused_activation_function");
  if (std::find(allowed.begin(), allowed.end(), activation) != allowed.end()) return true;
  refuse("activation", fmt::format("the fused activation {} is not taken", activation_name(activation)),
         "make the activation a node of its own");
  return false;
}

void Judge::refuse_op(std::string_view target, std::string_view fix) {
  if (n.op() == OpCode::CUSTOM) {
    refuse("custom_op", fmt::format("a custom operator; {} takes none of this name", target), std::string(fix));
  } else {
    refuse("op", fmt::format("{} has no {}", target, name(n.op())), std::string(fix));
  }
}

}  // namespace monolite::delegates
