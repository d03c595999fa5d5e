// Any bytes as a TFRecord file of tf.Examples; or, where the first byte is not 0, as one example in such a file with
// the right checksums. What is read is written and read back the same.
#include <cstdlib>

#include "tensorflow/example.h"
#include "tensorflow/tf_record.h"

namespace {

using namespace monolite;
using namespace monolite::tensorflow;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

void write_and_read(const Example& example) {
  const std::string bytes = write_example(example);
  const auto again = parse_example(bytes_of(bytes), "again");
  // Not the examples: a NaN differs from itself.
  if (!again || write_example(*again) != bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string file(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] != 0) {
    std::string framed;
    append_record(framed, file);
    file = std::move(framed);
  }
  const auto records = TfRecordFile::parse(Buffer::copy_of(bytes_of(file)), "fuzz");
  if (!records) {
    if (data[0] != 0) std::abort();
    return 0;
  }
  std::string rewritten;
  bool is_whole = true;
  for (size_t i = 0; i < records->size(); ++i) {
    const auto record = records->record(i);
    is_whole = is_whole && record.has_value();
    if (!record) continue;
    append_record(rewritten, {reinterpret_cast<const char*>(record->data()), record->size()});
    const auto example = parse_example(*record, "fuzz");
    if (example) write_and_read(*example);
  }
  if (is_whole && rewritten != file) std::abort();
  return 0;
}
