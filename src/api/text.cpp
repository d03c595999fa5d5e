#include "monolite/text.h"

#include "base/file.h"
#include "tflite/reader.h"
#include "tflite/text.h"
#include "tflite/unknown_fields.h"
#include "tflite/writer.h"

namespace monolite {

Expected<Dump> dump(const std::string& model) {
  ML_ASSIGN(const Buffer file, map_file(model));
  ML_ASSIGN(const Model read, tflite::read(file, model));
  return Dump{tflite::to_text(read), tflite::unknown_fields(file)};
}

Expected<void> build(const std::string& text_file, const std::string& out) {
  ML_ASSIGN(const Buffer bytes, map_file(text_file));
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size_bytes());
  ML_ASSIGN(const Model model, tflite::from_text(text, text_file));
  return tflite::write_file(model, out);
}

}  // namespace monolite
