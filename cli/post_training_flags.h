#pragma once
// What quantize and convert have in common: the flags of calibration, its progress, and the report.

#include "args.h"
#include "json.h"
#include "monolite/post_training.h"

namespace monolite::cli {

void declare_calibration(Args& args, CalibrationOptions& options);

// "127.5" or "1,2,3".
Expected<void> parse_numbers(const std::string& text, std::vector<double>& to);
// The same for a flag that may be given several times.
Expected<void> append_numbers(const std::string& text, std::vector<double>& to);

// A line on stderr that says how far it is, where a person looks at it. Call after args.parse().
void show_progress(const Args& args, CalibrationOptions& options);
void end_progress(const CalibrationOptions& options);

Json to_json(const PostTrainingReport& report);
// `all`: every layer, not just the worst.
void print_post_training(const PostTrainingReport& report, bool all);

}  // namespace monolite::cli
