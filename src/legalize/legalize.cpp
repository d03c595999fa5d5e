#include "legalize/legalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "passes/fill_shapes.h"
#include "passes/remove_dead.h"

namespace monolite::legalize {
namespace {

constexpr double kCostly = 1.5;  // times the MACs of a model: worth a warning

using delegates::GraphContext;
using delegates::Judgement;

// Node copies that a search may make, and the time that it may take, before it gives up: a hostile model of many
// refused nodes ends all the same.
constexpr int64_t kMostCopies = 100'000'000;
constexpr auto kMostTime = std::chrono::seconds(100);
// A rewrite may make a node that is refused in turn; so many may follow it to mend that.
constexpr int kMostFollowers = 2;

TensorId first_output(const Node& node) { return node.outputs.empty() ? kNoTensor : node.outputs.front(); }

bool is_border_cast(const Graph& graph, const Node& node) {
  if (node.op != OpCode::CAST || node.inputs.empty() || node.outputs.empty()) return false;
  return graph.is_input(node.inputs[0]) ||
         (graph.is_output(node.outputs[0]) && graph.consumers(node.outputs[0]).empty());
}

// A model as the targets see it.
struct State {
  Model model;
  std::vector<int> refused;  // indices of nodes that some target refuses by itself
  int refusals = 0;          // over all targets
  int64_t macs = 0, elements = 0;
};

State judge(Model model, const Options& options) {
  State s{std::move(model), {}, 0, 0, 0};
  const GraphContext context(s.model);
  const Graph& g = s.model.main();
  std::vector<bool> is_refused(g.nodes.size());
  for (const delegates::Target* target : options.targets) {
    const Judgement verdicts = delegates::judge(context, *target);
    for (size_t i = 0; i < g.nodes.size(); ++i) {
      if (verdicts[i].empty() || (options.keep_io && is_border_cast(g, g.nodes[i]))) continue;
      is_refused[i] = true;
      ++s.refusals;
    }
  }
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    if (is_refused[i]) s.refused.push_back(static_cast<int>(i));
    s.macs += context.macs(static_cast<int>(i));
    for (const TensorId id : g.nodes[i].outputs) {
      if (id != kNoTensor) s.elements += context.propagated_shape(id).checked_elements().value_or(0);
    }
  }
  return s;
}

// A state and the rewrites that led to it.
struct Candidate {
  State state;
  std::vector<Step> steps;
  Proof proof = Proof::exact;
  double added_error = 0;

  // Is it a better way than `other`?
  bool operator<(const Candidate& other) const {
    const auto key = [](const Candidate& c) {
      return std::make_tuple(c.proof, c.state.refusals, c.added_error, c.state.macs + c.state.elements, c.steps.size());
    };
    return key(*this) < key(other);
  }
};

class Search {
 public:
  Search(const Model& model, const Options& options) : original_(model), options_(options) {}

  // Exact forms first, as far as they lead; only what is refused then is rewritten with a weaker proof.
  Candidate run() {
    Candidate current{judge(original_, options_), {}, Proof::exact, 0};
    for (const Proof limit : {Proof::exact, Proof::one_lsb, Proof::approximate}) {
      limit_ = std::min(limit, tolerance());
      while (improve(current)) continue;
    }
    return current;
  }

  // What was tried at the node that writes `output`.
  const std::vector<std::string>& tried(TensorId output) { return tried_[output]; }

 private:
  // Tries each refused node once, from the outputs on: what a rewrite finds behind its node is mended already.
  bool improve(Candidate& current) {
    bool has_changed = false;
    for (size_t k = current.state.refused.size(); k > 0; --k) {
      if (k > current.state.refused.size()) continue;
      auto better = mend(current, current.state.refused[k - 1], kMostFollowers);
      if (!better) continue;
      current = std::move(*better);
      has_changed = true;
    }
    return has_changed;
  }

  Proof tolerance() const { return options_.tolerance.value_or(Proof::one_lsb); }

  // The best way to have fewer refusals by rewriting one node.
  std::optional<Candidate> mend(const Candidate& from, int node, int followers) {
    std::optional<Candidate> best;
    const Node& subject = from.state.model.main().nodes[static_cast<size_t>(node)];
    std::vector<std::string>& notes = tried_[first_output(subject)];
    notes.clear();
    for (const Rewrite* rewrite : all_rewrites()) {
      const auto& ops = rewrite->ops;
      if (!ops.empty() && std::find(ops.begin(), ops.end(), subject.op) == ops.end()) continue;
      auto candidate = attempt(from, node, *rewrite, followers, notes);
      if (candidate && (!best || *candidate < *best)) best = std::move(candidate);
    }
    return best;
  }

  std::optional<Candidate> attempt(const Candidate& from, int node, const Rewrite& rewrite, int followers,
                                   std::vector<std::string>& notes) {
    // What may start anywhere, and is too weak for now, need not be tried at each node.
    if (rewrite.ops.empty() && rewrite.proof > limit_) return std::nullopt;
    copies_ += static_cast<int64_t>(from.state.model.main().nodes.size());
    if (copies_ > kMostCopies || std::chrono::steady_clock::now() - start_ > kMostTime) return std::nullopt;
    Model model = from.state.model;
    const Node subject = model.main().nodes[static_cast<size_t>(node)];
    const ops::Inference inference = ops::infer_shapes(model);
    const Outcome outcome = rewrite.apply(
        {.model = model, .index = static_cast<size_t>(node), .inference = inference, .keep_io = options_.keep_io});
    const auto note = [&](const std::string& why) { notes.push_back(std::string(rewrite.name) + ": " + why); };
    if (!outcome) {
      if (!outcome.error().why.empty()) note(outcome.error().why);
      return std::nullopt;
    }
    if (outcome->proof > limit_) {
      note(fmt::format("{} is beyond the tolerance", to_string(outcome->proof)));
      return std::nullopt;
    }
    Candidate made{judge(std::move(model), options_), from.steps, std::max(from.proof, outcome->proof),
                   from.added_error + outcome->added_error};
    made.steps.push_back(step(rewrite, *outcome, subject, from.state, made.state));
    if (made.state.refusals >= from.state.refusals && followers > 0) follow(from, made, followers);
    if (made.state.refusals < from.state.refusals) return made;
    note("what it makes is refused as well");
    return std::nullopt;
  }

  // Mends nodes that a rewrite has made and that are refused in turn.
  void follow(const Candidate& from, Candidate& made, int followers) {
    std::set<TensorId> known;
    for (const Node& node : from.state.model.main().nodes) known.insert(first_output(node));
    for (size_t k = made.state.refused.size(); k > 0; --k) {
      if (k > made.state.refused.size()) continue;
      const int node = made.state.refused[k - 1];
      const Node& subject = made.state.model.main().nodes[static_cast<size_t>(node)];
      const bool is_new = known.count(first_output(subject)) == 0 || changed(from.state.model, subject);
      if (!is_new) continue;
      if (auto better = mend(made, node, followers - 1)) made = std::move(*better);
    }
  }

  // Is the node that writes the same tensor another one in `before`?
  static bool changed(const Model& before, const Node& node) {
    const int was = before.main().producer(first_output(node));
    if (was < 0) return true;
    const Node& old = before.main().nodes[static_cast<size_t>(was)];
    return old.op != node.op || old.inputs != node.inputs || !(old.attributes == node.attributes);
  }

  Step step(const Rewrite& rewrite, const Applied& applied, const Node& subject, const State& before,
            const State& after) const {
    Step s;
    s.rewrite = rewrite.name;
    s.proof = applied.proof;
    s.op = op_name(subject);
    const TensorId output = first_output(subject);
    if (output != kNoTensor) s.name = before.model.main().tensor(output).name;
    if (output != kNoTensor && static_cast<size_t>(output) < original_.main().tensors.size()) {
      s.node = original_.main().producer(output);
    }
    s.note = applied.note;
    s.interface_change = applied.interface_change;
    s.warning = applied.warning;
    s.macs_before = before.macs;
    s.macs_after = after.macs;
    s.pixels_before = applied.pixels_before;
    s.pixels_after = applied.pixels_after;
    if (s.warning.empty() && s.macs_before > 0 &&
        static_cast<double>(s.macs_after) > kCostly * static_cast<double>(s.macs_before)) {
      s.warning = fmt::format("{:.2f} times the MACs of the whole model",
                              static_cast<double>(s.macs_after) / static_cast<double>(s.macs_before));
    }
    return s;
  }

  const Model& original_;
  const Options& options_;
  Proof limit_ = Proof::exact;
  int64_t copies_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::map<TensorId, std::vector<std::string>> tried_;
};

bool is_whole(const delegates::Verdict& verdict, bool keep_io) {
  return verdict.fully_delegated() || (keep_io && verdict.partitions == 1 && verdict.only_border_casts);
}

std::vector<Remainder> remainders(const State& state, const Options& options, Search& search) {
  std::vector<Remainder> all;
  const GraphContext context(state.model);
  const Graph& g = state.model.main();
  for (const delegates::Target* target : options.targets) {
    const Judgement verdicts = delegates::judge(context, *target);
    for (size_t i = 0; i < g.nodes.size(); ++i) {
      if (verdicts[i].empty() || (options.keep_io && is_border_cast(g, g.nodes[i]))) continue;
      const TensorId output = first_output(g.nodes[i]);
      all.push_back({target->name, static_cast<int>(i), op_name(g.nodes[i]),
                     output == kNoTensor ? "" : g.tensor(output).name, verdicts[i], search.tried(output)});
    }
  }
  return all;
}

}  // namespace

std::vector<std::string> Result::interface_changes() const {
  std::vector<std::string> all;
  for (const Step& s : steps) {
    if (!s.interface_change.empty()) all.push_back(s.interface_change);
  }
  return all;
}

Result legalize(const Model& model, const Options& options) {
  Result result;
  for (const delegates::Target* target : options.targets) result.before.push_back(delegates::check(model, *target));
  Search search(model, options);
  Candidate best = search.run();
  result.remainders = remainders(best.state, options, search);
  result.model = std::move(best.state.model);
  if (!best.steps.empty()) {
    passes::remove_unused_tensors(result.model);
    passes::fill_shapes(result.model);  // a runtime may take a node by its kind, and then run it by the file's shapes
  }
  result.steps = std::move(best.steps);
  std::stable_sort(result.steps.begin(), result.steps.end(),
                   [](const Step& a, const Step& b) { return a.node < b.node; });
  result.proof = best.proof;
  result.is_whole = true;
  for (const delegates::Target* target : options.targets) {
    result.after.push_back(delegates::check(result.model, *target));
    result.is_whole = result.is_whole && is_whole(result.after.back(), options.keep_io);
  }
  return result;
}

}  // namespace monolite::legalize
