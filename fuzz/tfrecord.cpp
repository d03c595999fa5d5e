// Any bytes as a TFRecord of labelled pictures: an error, or records that are written and read back the same, and
// examples likewise.
#include <cstdlib>
#include <cstring>

#include "data/example.h"
#include "data/tfrecord.h"

namespace {

using namespace monolite;

void check_example(std::span<const std::byte> record) {
  const auto example = data::parse_example(record);
  if (!example) return;
  const std::string text = data::serialize_example(*example);
  const auto again = data::parse_example(std::as_bytes(std::span(text)));
  if (!again || again->size() != example->size()) std::abort();
  for (const auto& [name, feature] : *example) {
    const auto found = again->find(name);
    if (found == again->end() || found->second.integers != feature.integers) std::abort();
    // Of a feature that holds both, the integers are written.
    if (feature.integers.empty() && found->second.bytes != feature.bytes) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  const auto bytes = std::as_bytes(std::span(input, size));
  check_example(bytes);
  const auto file = data::RecordFile::parse(Buffer::copy_of(bytes), "fuzz");
  if (!file) return 0;
  std::string written;
  bool is_whole = true;
  for (int64_t i = 0; i < file->size(); ++i) {
    const auto record = file->record(i);
    is_whole &= record.has_value();
    if (!record) continue;
    check_example(*record);
    data::append_record(written, *record);
  }
  if (is_whole && (written.size() != size || std::memcmp(written.data(), input, size) != 0)) std::abort();
  return 0;
}
