#include "monolite/text.h"

#include "base/file.h"
#include "tflite/reader.h"
#include "tflite/text.h"
#include "tflite/writer.h"

namespace monolite {

Expected<std::string> dump(const std::string& model) {
  ML_ASSIGN(const Model read, tflite::read_file(model));
  return tflite::to_text(read);
}

Expected<void> build(const std::string& text_file, const std::string& out) {
  ML_ASSIGN(const Buffer bytes, map_file(text_file));
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size_bytes());
  ML_ASSIGN(const Model model, tflite::from_text(text, text_file));
  return tflite::write_file(model, out);
}

}  // namespace monolite
