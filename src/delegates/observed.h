#pragma once
// What a device did: the log of benchmark_model with its op profile, compared with what check predicts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "delegates/check.h"

namespace monolite::delegates {

// A line of the profile's run order.
struct ObservedRow {
  std::string type;  // "CONV_2D", "TfLiteNnapiDelegate"
  std::string name;  // its outputs, as the profile shows them
  int index = -1;    // the node's number, where the profile has it; delegated pieces come behind the model's nodes
  double average_ms = 0;
  bool is_delegate() const;
};

struct Observed {
  std::vector<ObservedRow> rows;  // of the regular runs; empty where the log has no op profile
  // "Replacing 69 out of 72 node(s) with delegate …"
  std::optional<int> replaced_nodes, all_nodes;
  // "… partially executed by the delegate w/ 3 delegate kernels."
  std::optional<int> kernels;
  bool is_complete = false;  // "… completely executed by the delegate"
};

// Reads a log. Profiles with and without the [start] column are understood, with tabs or with spaces.
//
// Errors: the file cannot be read; it says nothing about a delegate and has no op profile.
Expected<Observed> read_observed(const std::string& path);
Expected<Observed> parse_observed(std::string_view log, const std::string& name);

struct Comparison {
  std::vector<std::string> predicted;    // a run order like the rows' types; delegated pieces say how many nodes
  std::vector<std::string> differences;  // in words; none: the device did as predicted
};

Comparison compare(const GraphContext& graph, const Verdict& verdict, const Observed& observed);

}  // namespace monolite::delegates
