#include "delegates/observed.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/file.h"
#include "base/text.h"

namespace monolite::delegates {
namespace {

constexpr size_t kMostRows = 20000;  // a profile of more is no profile

std::string_view trimmed(std::string_view s) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end != digits.data() ? std::optional(value) : std::nullopt;
}

// The number that stands right behind `words` in the line.
std::optional<int> number_after(std::string_view line, std::string_view words) {
  const size_t at = line.find(words);
  return at == std::string_view::npos ? std::nullopt : number(line.substr(at + words.size()));
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Where in a row the average stands, counted in numbers behind the type: 2 with a [start] column, else 1.
size_t average_column(std::string_view header) { return contains(header, "[start]") ? 2 : 1; }

// "  TYPE  0.000  11.6  11.4  21.9%  21.9%  0.000  1  [name, name]:71"
std::optional<ObservedRow> parse_row(std::string_view line, size_t average) {
  const size_t open = line.find('[');
  if (open == std::string_view::npos) return std::nullopt;
  const auto words = words_of(line.substr(0, open));
  if (words.size() < average + 2) return std::nullopt;
  ObservedRow row;
  row.type = printable(words[0]);
  const std::string ms(words[average + 1]);
  char* end = nullptr;
  row.average_ms = std::strtod(ms.c_str(), &end);
  if (end == ms.c_str()) return std::nullopt;
  const std::string_view named = trimmed(line.substr(open));
  const size_t close = named.rfind(']');
  if (close == std::string_view::npos) return std::nullopt;
  row.name = printable(named.substr(1, close - 1), 2000);
  if (close + 1 < named.size() && named[close + 1] == ':') row.index = number(named.substr(close + 2)).value_or(-1);
  return row;
}

bool is_header(std::string_view line) { return contains(line, "[node type]") && contains(line, "[Name]"); }

// The rows of a "Run Order" that begins at lines[i].
std::vector<ObservedRow> parse_rows(const std::vector<std::string_view>& lines, size_t i) {
  std::vector<ObservedRow> rows;
  size_t average = 0;
  for (; i < lines.size() && rows.size() < kMostRows; ++i) {
    if (is_header(lines[i])) {
      average = average_column(lines[i]);
    } else if (average != 0) {
      auto row = parse_row(lines[i], average);
      if (!row) break;
      rows.push_back(std::move(*row));
    }
  }
  return rows;
}

bool is_initialization(const std::vector<ObservedRow>& rows) {
  return !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const ObservedRow& r) {
    return r.type == "AllocateTensors" || r.type == "ModifyGraphWithDelegate";
  });
}

// Which nodes of the model ran by themselves: each row's node, found by its name, else by its number.
std::vector<int> match_rows(const GraphContext& graph, const Observed& observed, std::vector<std::string>& unmatched) {
  std::multimap<std::string, int> by_name;
  const auto& nodes = graph.graph().nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].outputs.empty() || nodes[i].outputs[0] == kNoTensor) continue;
    by_name.emplace(printable(graph.graph().tensor(nodes[i].outputs[0]).name, 2000), static_cast<int>(i));
  }
  std::vector<int> matched;
  for (const ObservedRow& row : observed.rows) {
    if (row.is_delegate()) continue;
    const auto is_it = [&](int i) {
      return i >= 0 && i < graph.node_count() && printable(op_name(nodes[static_cast<size_t>(i)])) == row.type &&
             std::find(matched.begin(), matched.end(), i) == matched.end();
    };
    int found = -1;
    const auto [first, last] = by_name.equal_range(row.name);
    for (auto it = first; it != last && found < 0; ++it) found = is_it(it->second) ? it->second : -1;
    if (found < 0 && is_it(row.index)) found = row.index;
    if (found < 0) {
      unmatched.push_back(
          fmt::format("the log has {} \"{}\" on the CPU, which this model has not: is it a log of this model?",
                      row.type, printable(row.name, 80)));
    } else {
      matched.push_back(found);
    }
  }
  return matched;
}

std::string node_text(const GraphContext& graph, int i) {
  const Node& n = graph.graph().nodes[static_cast<size_t>(i)];
  const std::string named =
      n.outputs.empty() || n.outputs[0] == kNoTensor ? "" : graph.graph().tensor(n.outputs[0]).name;
  return fmt::format("node {} {} \"{}\"", i, printable(op_name(n)), printable(named, 80));
}

void compare_rows(const GraphContext& graph, const Verdict& verdict, const Observed& observed, Comparison& c) {
  const std::vector<int> on_cpu = match_rows(graph, observed, c.differences);
  const auto ran_on_cpu = [&](int i) { return std::find(on_cpu.begin(), on_cpu.end(), i) != on_cpu.end(); };
  const auto refusal = [&](int i) -> const Refusal* {
    for (const CpuNode& n : verdict.cpu_nodes) {
      if (n.index == i) return &n.reasons.front();
    }
    return nullptr;
  };
  for (const int i : on_cpu) {
    if (refusal(i) == nullptr) {
      c.differences.push_back(
          fmt::format("{} ran on the CPU; {} takes it by its rules", node_text(graph, i), verdict.target));
    }
  }
  for (const CpuNode& n : verdict.cpu_nodes) {
    if (ran_on_cpu(n.index)) continue;
    c.differences.push_back(fmt::format("{} ran on the device; predicted on the CPU: {}", node_text(graph, n.index),
                                        n.reasons.front().message));
  }
  const auto pieces = static_cast<int>(
      std::count_if(observed.rows.begin(), observed.rows.end(), [](const ObservedRow& r) { return r.is_delegate(); }));
  if (pieces != verdict.partitions) {
    c.differences.push_back(fmt::format("{} delegated pieces ran; {} predicted", pieces, verdict.partitions));
  }
  // A delegated piece is numbered behind the model's own nodes: the first one tells how many there were.
  for (const ObservedRow& row : observed.rows) {
    if (!row.is_delegate() || row.index < 0) continue;
    if (row.index != graph.node_count()) {
      c.differences.push_back(
          fmt::format("the log is of a graph of {} nodes; this one has {}", row.index, graph.node_count()));
    }
    break;
  }
}

}  // namespace

bool ObservedRow::is_delegate() const {
  return contains(type, "Delegate") || type == "edgetpu-custom-op" || type == "ethos-u" || type == "vsi-npu" ||
         type == "DISPATCH_OP";
}

Expected<Observed> parse_observed(std::string_view log, const std::string& name) {
  Observed observed;
  const auto lines = lines_of(log);
  bool says_something = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    if (contains(line, " Run Order ")) {
      auto rows = parse_rows(lines, i + 1);
      if (!rows.empty() && !is_initialization(rows)) observed.rows = std::move(rows);
    }
    if (const auto replaced = number_after(line, "Replacing "); replaced && contains(line, "node(s) with delegate")) {
      observed.replaced_nodes = replaced;
      observed.all_nodes = number_after(line, " out of ");
    }
    if (contains(line, "executed by the delegate")) {
      says_something = true;
      observed.is_complete = contains(line, "completely executed");
      observed.kernels = contains(line, "will not be executed") ? 0 : number_after(line, "w/ ");
    }
  }
  if (observed.rows.empty() && !observed.replaced_nodes && !says_something) {
    return Unexpected(input_error(name, "neither an op profile nor a line about a delegate", "a log of benchmark_model",
                                  "run it again with --enable_op_profiling=true and keep all that it prints"));
  }
  return observed;
}

Expected<Observed> read_observed(const std::string& path) {
  ML_ASSIGN(const Buffer bytes, map_file(path));
  return parse_observed({reinterpret_cast<const char*>(bytes.data()), bytes.size_bytes()}, path);
}

Comparison compare(const GraphContext& graph, const Verdict& verdict, const Observed& observed) {
  Comparison c;
  for (const Segment& s : verdict.segments) {
    if (s.is_delegated) {
      c.predicted.push_back(fmt::format("[{} node{}]", s.nodes.size(), s.nodes.size() == 1 ? "" : "s"));
      continue;
    }
    for (const int i : s.nodes) c.predicted.push_back(printable(op_name(graph.graph().nodes[static_cast<size_t>(i)])));
  }
  if (observed.all_nodes && *observed.all_nodes != graph.node_count()) {
    c.differences.push_back(
        fmt::format("the log is of a graph of {} nodes; this one has {}", *observed.all_nodes, graph.node_count()));
  }
  if (observed.replaced_nodes && *observed.replaced_nodes != verdict.delegated_nodes) {
    c.differences.push_back(
        fmt::format("the delegate took {} nodes; {} predicted", *observed.replaced_nodes, verdict.delegated_nodes));
  }
  if (!observed.rows.empty()) {
    compare_rows(graph, verdict, observed, c);
  } else if (observed.is_complete != verdict.fully_delegated()) {
    c.differences.push_back(observed.is_complete ? "the device ran the whole graph; predicted: not all of it"
                                                 : "the device did not run the whole graph; predicted: all of it");
  }
  if (observed.kernels && *observed.kernels != verdict.partitions) {
    c.differences.push_back(
        fmt::format("{} delegate kernels were made; {} predicted", *observed.kernels, verdict.partitions));
  }
  return c;
}

}  // namespace monolite::delegates
