#pragma once
// A legalization for people and for programs: the verbs legalize and fix print it.

#include "json.h"
#include "monolite/legalize.h"

namespace monolite::cli {

Json to_json(const LegalizeReport& report);
void print_report(const LegalizeReport& report);

}  // namespace monolite::cli
