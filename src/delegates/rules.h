#pragma once
// The words that rules are written in: sets of types, and a judge that collects why a node is refused.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "delegates/node_context.h"

namespace monolite::delegates {

// Why a target refuses a node, and what would mend it.
struct Refusal {
  std::string code;     // stable, for programs: "align_corners"
  std::string message;  // what was found and what the target takes
  std::string fix;      // what to do about it; empty where nothing helps
};

// A set of element types.
class Types {
 public:
  constexpr Types() = default;
  constexpr Types(DType t) : bits_(1u << static_cast<unsigned>(t)) {}
  constexpr Types operator|(Types other) const { return Types(bits_ | other.bits_); }
  constexpr bool contains(DType t) const {
    return static_cast<unsigned>(t) < 32 && (bits_ >> static_cast<unsigned>(t) & 1u) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  std::string names() const;  // "float32, int8 or uint8"

 private:
  constexpr explicit Types(unsigned bits) : bits_(bits) {}
  unsigned bits_ = 0;
};

inline constexpr Types kFloat32 = DType::float32, kFloat16 = DType::float16, kBool = DType::boolean;
inline constexpr Types kUint8 = DType::uint8, kInt8 = DType::int8, kInt16 = DType::int16;
inline constexpr Types kInt32 = DType::int32, kInt64 = DType::int64;
inline constexpr Types kQuantized8 = kUint8 | kInt8;

// Collects refusals of one node.
class Judge {
 public:
  explicit Judge(const NodeContext& node) : n(node) {}

  const NodeContext& n;

  void refuse(std::string code, std::string message, std::string fix = {});
  // Refuses unless `ok`; says whether it was.
  bool expect(bool ok, std::string_view code, std::string_view message, std::string_view fix = {});

  bool expect_version(int most);
  bool expect_type(int input, Types allowed);
  bool expect_output_type(Types allowed, int output = 0);
  bool expect_constant(int input, std::string_view what);
  bool expect_rank(int input, int least, int most);
  bool expect_output_rank(int least, int most, int output = 0);
  // The fused activation is one of `allowed` (the schema's numbers).
  bool expect_activation(std::initializer_list<int> allowed);

  // The target has no such operator.
  void refuse_op(std::string_view target, std::string_view fix = {});
  std::vector<Refusal> take() { return std::move(refusals_); }
  bool has_refused() const { return !refusals_.empty(); }

 private:
  std::vector<Refusal> refusals_;
};

// What a target asks of an operator. Targets that ask more have rules of their own.
struct Rule {
  OpCode op;
  void (*judge)(Judge&);
};

// The rule of an operator in a target's list; nullptr where it has none.
template <class R>
const R* find_rule(const std::vector<R>& rules, OpCode op) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const R& r) { return r.op == op; });
  return found == rules.end() ? nullptr : &*found;
}

// The schema's ActivationFunctionType: none and those that clamp.
inline constexpr std::initializer_list<int> kNoActivation = {0}, kClamps = {0, 1, 2, 3};

}  // namespace monolite::delegates
