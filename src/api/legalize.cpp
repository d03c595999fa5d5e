#include "monolite/legalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/receipt.h"
#include "api/run_both.h"
#include "api/strip.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "legalize/legalize.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite {
namespace {

using legalize::Proof;
using legalize::Result;

Expected<std::optional<Proof>> parse_tolerance(const std::string& word) {
  if (word.empty()) return std::optional<Proof>();
  if (word == "exact") return std::optional(Proof::exact);
  if (word == "1lsb" || word == "one_lsb") return std::optional(Proof::one_lsb);
  if (word == "approximate") return std::optional(Proof::approximate);
  return Unexpected(usage_error("--tolerance", printable(word), "exact, 1lsb or approximate"));
}

Expected<std::vector<const delegates::Target*>> parse_targets(const std::vector<std::string>& names) {
  if (names.empty()) {
    return Unexpected(
        usage_error("--target", "none", "at least one", "for example --target nnapi; `check` lists them"));
  }
  std::vector<const delegates::Target*> targets;
  for (const std::string& name : names) {
    ML_ASSIGN(const delegates::Target* target, delegates::find_target(name));
    if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(target);
  }
  return targets;
}

LegalizeReport::Target::Side side(const Model& model, const delegates::Verdict& verdict) {
  return {strip_text(model, verdict), verdict.partitions, static_cast<int>(verdict.cpu_nodes.size()), verdict.nodes};
}

LegalizeReport::Rewrite info(const legalize::Step& s) {
  LegalizeReport::Rewrite r;
  r.name = s.rewrite;
  r.proof = to_string(s.proof);
  r.node = s.node;
  r.op = printable(s.op);
  r.node_name = printable(s.name);
  r.note = printable(s.note);
  r.warning = printable(s.warning);
  r.macs_before = s.macs_before;
  r.macs_after = s.macs_after;
  r.pixels_before = s.pixels_before;
  r.pixels_after = s.pixels_after;
  return r;
}

LegalizeReport::Refused info(const legalize::Remainder& r) {
  LegalizeReport::Refused refused{r.target, r.node, printable(r.op), printable(r.name), {}, {}, {}};
  for (const delegates::Refusal& reason : r.reasons) {
    refused.reasons.push_back(printable(reason.message));
    if (!reason.fix.empty()) refused.fixes.push_back(printable(reason.fix));
  }
  for (const std::string& t : r.tried) refused.tried.push_back(printable(t));
  return refused;
}

void describe(const Model& before, const Result& result, LegalizeReport& report) {
  report.is_whole = result.is_whole;
  report.proof = to_string(result.proof);
  for (const std::string& change : result.interface_changes()) report.interface_changes.push_back(printable(change));
  for (const legalize::Step& s : result.steps) report.rewrites.push_back(info(s));
  for (size_t i = 0; i < result.after.size(); ++i) {
    report.targets.push_back(
        {result.after[i].target, side(before, result.before[i]), side(result.model, result.after[i])});
  }
  for (const legalize::Remainder& r : result.remainders) report.refused.push_back(info(r));
  if (!result.before.empty()) {
    report.macs_before = result.before[0].macs;
    report.macs_after = result.after[0].macs;
  }
}

void add_receipt(const LegalizeOptions& options, const Buffer& source, const LegalizeReport& report, Model& model) {
  ReceiptStep step{.verb = "legalize", .command = options.command};
  step.source = std::filesystem::path(options.model).filename().string();
  step.source_sha256 = sha256(source.bytes());
  step.targets = options.targets;
  for (const LegalizeReport::Rewrite& r : report.rewrites) {
    step.changes.push_back({r.name, r.proof, r.op, r.node_name, r.note});
  }
  add_receipt(model, step);
}

Expected<void> verify(const LegalizeOptions& options, const Model& before, const Model& after, const Result& result,
                      LegalizeReport& report) {
  ML_ASSIGN(report.verified, run_both(before, after, options.inputs, report.macs_before + report.macs_after));
  if (result.proof == Proof::exact && !report.verified.is_identical && report.verified.why_not.empty()) {
    Error error = input_error(report.file, "outputs differ though every rewrite called itself exact", "equal outputs",
                              "please report it with the command and the file; nothing was written");
    error.kind = ErrorKind::internal;
    return Unexpected(std::move(error));
  }
  return {};
}

// The bytes to be written, read again: does the file say what the graph says?
Expected<Model> reread(const std::vector<std::byte>& bytes, const LegalizeOptions& options, const Result& result) {
  ML_ASSIGN(Model model, tflite::read(Buffer::copy_of(bytes), options.output.empty() ? "result" : options.output));
  for (const delegates::Verdict& expected : result.after) {
    ML_ASSIGN(const delegates::Target* target, delegates::find_target(expected.target));
    const delegates::Verdict again = delegates::check(model, *target);
    if (again.partitions == expected.partitions && again.cpu_nodes.size() == expected.cpu_nodes.size()) continue;
    Error error = input_error(options.model, "the file to be written is judged otherwise than the graph in memory",
                              "the same verdict", "please report it with the command and the file");
    error.kind = ErrorKind::internal;
    return Unexpected(std::move(error));
  }
  return model;
}

}  // namespace

Expected<LegalizeReport> legalize_file(const LegalizeOptions& options) {
  ML_ASSIGN(const std::optional<Proof> tolerance, parse_tolerance(options.tolerance));
  ML_ASSIGN(const auto targets, parse_targets(options.targets));
  ML_ASSIGN(const Buffer source, map_file(options.model));
  ML_ASSIGN(const Model before, tflite::read(source, options.model));
  Result result = legalize::legalize(before, {.targets = targets, .tolerance = tolerance, .keep_io = options.keep_io});
  LegalizeReport report;
  report.file = options.model;
  report.output = options.output;
  describe(before, result, report);
  add_receipt(options, source, report, result.model);
  ML_ASSIGN(const std::vector<std::byte> bytes, tflite::write(result.model));
  ML_ASSIGN(const Model after, reread(bytes, options, result));
  if (options.verify) ML_TRY(verify(options, before, after, result, report));
  if (!options.output.empty() && (result.is_whole || options.best_effort)) {
    ML_TRY(write_file(options.output, std::span<const std::byte>(bytes)));
    report.is_written = true;
  }
  return report;
}

std::vector<RewriteInfo> known_rewrites() {
  std::vector<RewriteInfo> all;
  for (const legalize::Rewrite* r : legalize::all_rewrites()) {
    all.push_back({std::string(r->name), std::string(to_string(r->proof)), std::string(r->summary)});
  }
  return all;
}

}  // namespace monolite
