#pragma once
// The graph that export writes, in memory.

#include "base/expected.h"
#include "convert/export.h"
#include "monolite/export.h"

namespace monolite {

// options.export_path is not read. Errors: as export_model().
Expected<conversion::Exported> exported_graph(const ExportOptions& options);

}  // namespace monolite
