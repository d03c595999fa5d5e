#include "tflite/associated_files.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace monolite::tflite {
namespace {

void put(std::string& to, uint32_t value, size_t bytes) { to.append(reinterpret_cast<const char*>(&value), bytes); }

std::string deflated(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// A file of `front` and, behind it, an archive with one entry whose data is as given.
Buffer file_with(const std::string& front, const std::string& name, const std::string& data, uint32_t size,
                 uint16_t method) {
  std::string file = front;
  const auto header = static_cast<uint32_t>(file.size());
  const auto common = [&] {
    for (const uint32_t value : {20u, 0u, uint32_t{method}, 0u, 0u}) put(file, value, 2);
    for (const uint32_t value : {0u, static_cast<uint32_t>(data.size()), size}) put(file, value, 4);
    put(file, static_cast<uint32_t>(name.size()), 2);
    put(file, 0, 2);
  };
  put(file, 0x04034b50, 4);
  common();
  file += name + data;
  const auto directory = static_cast<uint32_t>(file.size());
  put(file, 0x02014b50, 4);
  put(file, 20, 2);
  common();
  file.append(10, '\0');
  put(file, header, 4);
  file += name;
  const auto directory_bytes = static_cast<uint32_t>(file.size()) - directory;
  put(file, 0x06054b50, 4);
  for (const uint32_t value : {0u, 0u, 1u, 1u}) put(file, value, 2);
  put(file, directory_bytes, 4);
  put(file, directory, 4);
  put(file, 0, 2);
  return Buffer::copy_of(std::as_bytes(std::span(file.data(), file.size())));
}

TEST(AssociatedFiles, AreReadStoredAndDeflated) {
  const std::string text = "cat\ndog\ndog\ndog\n";
  for (const bool is_packed : {false, true}) {
    const Buffer archive = find_archive(file_with("the model", "labels.txt", is_packed ? deflated(text) : text,
                                                  static_cast<uint32_t>(text.size()), is_packed ? 8 : 0));
    ASSERT_FALSE(archive.empty());
    EXPECT_EQ(file_names(archive), (std::vector<std::string>{"labels.txt"}));
    EXPECT_EQ(read_file_text(archive, "labels.txt").value_or("nothing"), text);
  }
}

TEST(AssociatedFiles, SayWhatIsWrong) {
  const auto found = [](const Buffer& file, const std::string& name) {
    return read_file_text(find_archive(file), name).error().found;
  };
  EXPECT_EQ(found(file_with("m", "a", "x", 1, 0), "b"), "no such file behind the model");
  EXPECT_EQ(found(file_with("m", "a", "x", 1, 12), "a"), "compression 12");
  EXPECT_EQ(found(file_with("m", "a", "x", 1, 8), "a"), "broken data");
  EXPECT_EQ(found(file_with("m", "a", deflated("xyz"), 2, 8), "a"), "broken data");
  EXPECT_EQ(found(file_with("m", "a", "x", 0x7fffffff, 8), "a"), "2147483647 bytes");
}

TEST(AssociatedFiles, AreBoundedByTheArchive) {
  const Buffer file = file_with("the model", "labels.txt", "cat", 3, 0);
  for (size_t i = 9; i < file.size_bytes(); ++i) {
    for (const int value : {0, 0x7f, 0xff}) {
      std::vector<std::byte> changed(file.bytes().begin(), file.bytes().end());
      changed[i] = std::byte(value);
      const Buffer archive = find_archive(Buffer::of(std::move(changed)));
      for (const auto& name : file_names(archive)) (void)read_file_text(archive, name);  // no crash, whatever it says
    }
  }
}

}  // namespace
}  // namespace monolite::tflite
