#pragma once
// What our verbs did to a file, kept in the file itself as metadata that other runtimes ignore.

#include <string>
#include <vector>

#include "ir/graph.h"

namespace monolite {

inline constexpr const char* kReceiptKey = "monolite.receipt";

struct ReceiptStep {
  std::string verb, command;
  std::string source, source_sha256;  // the file that it started from
  std::vector<std::string> targets;
  struct Change {
    std::string name, proof, op, node, note;
  };
  std::vector<Change> changes;
};

// Appends a step to the receipt that the model carries, or begins one. A receipt that is not readable is replaced.
void add_receipt(Model& model, const ReceiptStep& step);

// The receipt as JSON text, or "" where the model has none.
std::string receipt_text(const Model& model);

}  // namespace monolite
