// Any bytes as a block of a checkpoint's index, with a checksum that is right: the first byte says how it is stored.
// All variables are read; the one shard holds zeros.
#include <cstdint>

#include "scratch_folder.h"
#include "tensorflow/checkpoint.h"
#include "tensorflow/crc32c.h"
#include "tensorflow/wire.h"

namespace {

using namespace monolite;

// Appends a block with its trailer; returns its handle.
std::string append_block(std::string& file, std::string content, char stored) {
  std::string handle;
  tensorflow::append_varint(handle, file.size());
  tensorflow::append_varint(handle, content.size());
  content.push_back(stored);
  file += content;
  tensorflow::append_fixed32(file, tensorflow::mask_crc(tensorflow::crc32c(std::as_bytes(std::span(content)))));
  return handle;
}

// A table of one block.
std::string table_of(std::string content, char stored) {
  std::string file;
  const std::string handle = append_block(file, std::move(content), stored);
  std::string index{'\0', '\1'};  // shares nothing with the key before it, one byte of its own
  tensorflow::append_varint(index, handle.size());
  index += "z" + handle;
  tensorflow::append_fixed32(index, 0);  // where searches may start
  tensorflow::append_fixed32(index, 1);
  std::string footer = handle;  // of a block that nobody reads
  footer += append_block(file, index, '\0');
  footer.resize(40);
  return file + footer + std::string("\x57\xfb\x80\x8b\x24\x75\x47\xdb", 8);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::ScratchFolder folder;
  if (size == 0) return 0;
  folder.write("c.index", table_of({reinterpret_cast<const char*>(data) + 1, size - 1}, static_cast<char>(data[0])));
  folder.write("c.data-00000-of-00001", std::string(256, '\0'));
  const auto checkpoint = tensorflow::Checkpoint::open(folder.file("c"));
  if (!checkpoint) return 0;
  for (const auto& [name, variable] : checkpoint->variables()) (void)checkpoint->read(name);
  return 0;
}
