#include "op_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace monolite::cli {
namespace {

struct TypeSum {
  std::string op;
  int count = 0;
  double avg_ms = 0, percent = 0;
  int64_t times_called = 0;
};

std::string title(const char* text) { return fmt::format("{0} {1} {0}\n", std::string(30, '='), text); }

// "[name]:index", the node's place in the file behind the colon; of nodes computed as one, the last one's.
std::string label(const OpTiming& t, bool is_simulated) {
  const int index = t.is_partition || t.nodes.empty() ? t.index : t.nodes.back();
  return fmt::format("[{}]:{}{}", t.name, index, is_simulated ? " (simulated)" : "");
}

std::vector<OpTiming> slowest_first(std::vector<OpTiming> ops, size_t most) {
  std::stable_sort(ops.begin(), ops.end(), [](const OpTiming& a, const OpTiming& b) { return a.avg_ms > b.avg_ms; });
  if (ops.size() > most) ops.resize(most);
  double cdf = 0;
  for (OpTiming& t : ops) t.cdf = cdf += t.percent;
  return ops;
}

std::vector<TypeSum> sums_by_type(const std::vector<OpTiming>& ops) {
  std::map<std::string, TypeSum> by_type;
  for (const OpTiming& t : ops) {
    TypeSum& s = by_type[t.op];
    s.op = t.op;
    s.count += 1;
    s.avg_ms += t.avg_ms;
    s.percent += t.percent;
    s.times_called += t.times_called;
  }
  std::vector<TypeSum> sums;
  for (auto& [op, s] : by_type) sums.push_back(s);
  std::stable_sort(sums.begin(), sums.end(), [](const TypeSum& a, const TypeSum& b) { return a.avg_ms > b.avg_ms; });
  return sums;
}

std::string rows(const std::vector<OpTiming>& ops, bool is_simulated) {
  std::string text =
      fmt::format("\t{:>24}\t{:>17}\t{:>9}\t{:>9}\t{:>8}\t{:>8}\t{:>10}\t{}\t{}\n", "[node type]", "[start]", "[first]",
                  "[avg ms]", "[%]", "[cdf%]", "[mem KB]", "[times called]", "[Name]");
  for (const OpTiming& t : ops) {
    text +=
        fmt::format("\t{:>24}\t{:>17.3f}\t{:>9.3f}\t{:>9.3f}\t{:>7.3f}%\t{:>7.3f}%\t{:>10.3f}\t{:>9}\t{}\n", t.op,
                    t.start_ms, t.first_ms, t.avg_ms, t.percent, t.cdf, 0.0, t.times_called, label(t, is_simulated));
  }
  return text;
}

std::string sum_rows(const std::vector<TypeSum>& sums) {
  std::string text = fmt::format("\t{:>24}\t{:>9}\t{:>10}\t{:>11}\t{:>11}\t{:>10}\t{}\n", "[Node type]", "[count]",
                                 "[avg ms]", "[avg %]", "[cdf %]", "[mem KB]", "[times called]");
  double cdf = 0;
  for (const TypeSum& s : sums) {
    cdf += s.percent;
    text += fmt::format("\t{:>24}\t{:>9}\t{:>10.3f}\t{:>10.3f}%\t{:>10.3f}%\t{:>10.3f}\t{:>9}\n", s.op, s.count,
                        s.avg_ms, s.percent, cdf, 0.0, s.times_called);
  }
  return text;
}

std::string csv_cell(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_rows(const std::vector<OpTiming>& ops, bool is_simulated) {
  std::string text = "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name\n";
  for (const OpTiming& t : ops) {
    text += fmt::format("{}, {}, {}, {}, {}%, {}%, {}, {}, {}\n", t.op, t.start_ms, t.first_ms, t.avg_ms, t.percent,
                        t.cdf, 0, t.times_called, csv_cell(label(t, is_simulated)));
  }
  return text;
}

}  // namespace

std::string op_profile_text(const BenchReport& r) {
  const auto sums = sums_by_type(r.ops);
  const Timing& t = r.inference;
  const bool is_simulated = !r.simulated.empty();
  std::string text = "Operator-wise Profiling Info for Regular Benchmark Runs:\n";
  text += title("Run Order") + rows(r.ops, is_simulated) + "\n";
  text += title("Top by Computation Time") + rows(slowest_first(r.ops, 10), is_simulated) + "\n";
  text += fmt::format("Number of nodes executed: {}\n", r.ops.size());
  text += title("Summary by node type") + sum_rows(sums) + "\n";
  text += fmt::format(
      "Timings (microseconds): count={} first={:.0f} curr={:.0f} min={:.0f} max={:.0f} avg={:.1f} std={:.0f}\n", t.runs,
      t.first * 1e3, t.last * 1e3, t.min * 1e3, t.max * 1e3, t.avg * 1e3, t.std * 1e3);
  text += fmt::format("Memory (bytes): count=0\n{} nodes observed\n", r.ops.size());
  return text;
}

std::string op_profile_csv(const BenchReport& r) {
  const bool is_simulated = !r.simulated.empty();
  std::string text = "Run Order\n" + csv_rows(r.ops, is_simulated) + "\nTop by Computation Time\n" +
                     csv_rows(slowest_first(r.ops, 10), is_simulated);
  text += fmt::format("\nNumber of nodes executed, {}\nSummary by node type\n", r.ops.size());
  text += "node type, count, avg_ms, avg %, cdf %, mem KB, times called\n";
  double cdf = 0;
  for (const TypeSum& s : sums_by_type(r.ops)) {
    cdf += s.percent;
    text += fmt::format("{}, {}, {}, {}%, {}%, {}, {}\n", s.op, s.count, s.avg_ms, s.percent, cdf, 0, s.times_called);
  }
  return text;
}

}  // namespace monolite::cli
