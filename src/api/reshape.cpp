#include "monolite/reshape.h"

#include <filesystem>

#include "api/receipt.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "reshaping/reshape.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite {
Expected<ReshapeReport> reshape(const ReshapeOptions& o) {
  if (!o.height && !o.width && !o.output_stride && !o.batch) {
    return Unexpected(usage_error("reshape", "nothing to change", "--crop_size, --output_stride or --batch"));
  }
  ML_ASSIGN(const Buffer source, map_file(o.model));
  ML_ASSIGN(Model model, tflite::read(source, o.model));
  reshaping::Request request{.height = o.height, .width = o.width};
  if (o.output_stride) request.output_stride = *o.output_stride;
  if (o.batch) request.batch = *o.batch;
  request.keeps_grid = o.geometry == Geometry::keep;
  const auto outcome = reshaping::reshape(model, request);
  if (!outcome) {
    const bool is_usage = outcome.error().kind == ErrorKind::usage;
    return Unexpected(is_usage ? outcome.error() : outcome.error().at(o.model));
  }
  ReceiptStep step{.verb = "reshape", .command = o.command};
  step.source = std::filesystem::path(o.model).filename().string();
  step.source_sha256 = sha256(source.bytes());
  for (const std::string& change : outcome->changes) step.changes.push_back({.name = "size", .note = change});
  add_receipt(model, step);
  ML_TRY(tflite::write_file(model, o.out));
  ReshapeReport r{.file = o.model, .out = o.out};
  r.input_before = outcome->input_before.dims();
  r.input = outcome->input.dims();
  r.output_stride_before = outcome->output_stride_before;
  r.output_stride = outcome->output_stride;
  r.shift_y = outcome->shift.y;
  r.shift_x = outcome->shift.x;
  r.friendly = outcome->friendly.dims();
  for (const std::string& change : outcome->changes) r.changes.push_back(printable(change));
  r.macs_before = outcome->macs_before;
  r.macs = outcome->macs;
  return r;
}

}  // namespace monolite
