#include "legalize_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "table.h"
#include "verified_report.h"

namespace monolite::cli {
namespace {

std::string times(int64_t before, int64_t after) {
  if (before == after || before == 0) return with_commas(after);
  return fmt::format("{} -> {} ({:.2f}x)", with_commas(before), with_commas(after),
                     static_cast<double>(after) / static_cast<double>(before));
}

void print_rewrites(const LegalizeReport& r) {
  if (r.rewrites.empty()) return;
  Table table({{"node", Table::Align::right}, {"op"}, {"rewrite"}, {"proof"}, {"MACs of the model"}, {"pixels"}});
  for (const auto& w : r.rewrites) {
    table.add({w.node < 0 ? "new" : std::to_string(w.node), w.op, w.name, w.proof, times(w.macs_before, w.macs_after),
               w.pixels_before == 0 ? "" : times(w.pixels_before, w.pixels_after)});
  }
  fmt::print("{}", table.text());
  for (const auto& w : r.rewrites) {
    fmt::print("  {} {}: {}\n", w.name, w.node < 0 ? w.node_name : std::to_string(w.node), w.note);
    if (!w.warning.empty()) fmt::print("    warning: {}\n", w.warning);
  }
  fmt::print("\n");
}

// Nodes that stay refused for the same reasons, told once.
struct Group {
  const LegalizeReport::Refused* first = nullptr;
  std::vector<int> nodes;
};

std::vector<Group> groups_of(const LegalizeReport& r) {
  std::vector<Group> groups;
  for (const auto& f : r.refused) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
      return g.first->target == f.target && g.first->op == f.op && g.first->reasons == f.reasons &&
             g.first->tried == f.tried;
    });
    Group& group = same != groups.end() ? *same : groups.emplace_back(Group{&f, {}});
    group.nodes.push_back(f.node);
  }
  return groups;
}

// What a refused node may be told several times over: each line once.
void print_lines(const char* title, std::vector<std::string> lines) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (std::find(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(i), lines[i]) ==
        lines.begin() + static_cast<std::ptrdiff_t>(i)) {
      fmt::print("  {}{}\n", title, lines[i]);
    }
  }
}

void print_refused(const LegalizeReport& r) {
  constexpr size_t kMostListed = 12;
  for (const Group& g : groups_of(r)) {
    const bool is_one = g.nodes.size() == 1, is_cut = g.nodes.size() > kMostListed;
    const std::vector<int> listed(g.nodes.begin(),
                                  g.nodes.begin() + static_cast<std::ptrdiff_t>(std::min(g.nodes.size(), kMostListed)));
    fmt::print("{} still refuses {} {} {}{}{}\n", g.first->target, g.first->op, is_one ? "node" : "nodes",
               fmt::join(listed, ", "), is_cut ? fmt::format(" … ({} in all)", g.nodes.size()) : "",
               is_one ? " \"" + g.first->name + "\"" : "");
    print_lines("because   ", g.first->reasons);
    print_lines("to mend   ", g.first->fixes);
    print_lines("tried     ", g.first->tried);
  }
  if (!r.refused.empty()) fmt::print("\n");
}

}  // namespace

Json to_json(const LegalizeReport& r) {
  Json rewrites = Json::array(), targets = Json::array(), refused = Json::array();
  for (const auto& w : r.rewrites) {
    rewrites.push_back({{"name", w.name},
                        {"proof", w.proof},
                        {"node", w.node},
                        {"op", w.op},
                        {"node_name", w.node_name},
                        {"note", w.note},
                        {"warning", w.warning},
                        {"macs", {{"before", w.macs_before}, {"after", w.macs_after}}},
                        {"pixels", {{"before", w.pixels_before}, {"after", w.pixels_after}}}});
  }
  const auto side = [](const LegalizeReport::Target::Side& s) {
    return Json{{"strip", s.strip}, {"partitions", s.partitions}, {"cpu_nodes", s.cpu_nodes}, {"nodes", s.nodes}};
  };
  for (const auto& t : r.targets)
    targets.push_back({{"name", t.name}, {"before", side(t.before)}, {"after", side(t.after)}});
  for (const auto& f : r.refused) {
    refused.push_back({{"target", f.target},
                       {"node", f.node},
                       {"op", f.op},
                       {"name", f.name},
                       {"reasons", f.reasons},
                       {"fixes", f.fixes},
                       {"tried", f.tried}});
  }
  return {{"file", r.file},
          {"output", r.output},
          {"written", r.is_written},
          {"whole", r.is_whole},
          {"proof", r.proof},
          {"interface_changes", r.interface_changes},
          {"macs", {{"before", r.macs_before}, {"after", r.macs_after}}},
          {"rewrites", rewrites},
          {"targets", targets},
          {"refused", refused},
          {"verified", cli::to_json(r.verified)}};
}

void print_report(const LegalizeReport& r) {
  for (const std::string& change : r.interface_changes) fmt::print("changed for the caller: {}\n", change);
  for (const auto& t : r.targets) {
    fmt::print("{}\n  before  {}\n  after   {}\n", t.name, t.before.strip, t.after.strip);
  }
  fmt::print("\n");
  print_rewrites(r);
  print_refused(r);
  print_verified(r.verified);
  if (r.rewrites.empty() && r.is_whole) fmt::print("taken whole as it is: nothing was changed\n");
  if (!r.rewrites.empty()) fmt::print("proof {}, MACs {}\n", r.proof, times(r.macs_before, r.macs_after));
  if (r.is_written) fmt::print("written to {}\n", r.output);
}

}  // namespace monolite::cli
