#include "tensorflow/table.h"

#include <gtest/gtest.h>
#include <snappy.h>

#include "tensorflow/crc32c.h"
#include "tensorflow/slice_key.h"
#include "tensorflow/wire.h"

namespace monolite::tensorflow {
namespace {

Buffer buffer(const std::string& s) { return Buffer::copy_of(std::as_bytes(std::span(s))); }

TableEntries many(int count, size_t value_bytes) {
  TableEntries entries{{"", "header"}};
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(100000 + i);
    entries.emplace_back("layer/" + number, std::string(value_bytes, static_cast<char>('a' + i % 26)));
  }
  return entries;
}

TEST(Table, ComesBackAsWritten) {
  for (const auto& entries : {TableEntries{}, many(0, 1), many(100, 20), many(3000, 400)}) {
    EXPECT_EQ(read_table(buffer(write_table(entries)), "t").value(), entries);
  }
}

TEST(Table, EveryCutAndFlippedByteIsNoticed) {
  const std::string good = write_table(many(40, 5));
  for (size_t cut = 0; cut < good.size(); ++cut) EXPECT_FALSE(read_table(buffer(good.substr(0, cut)), "t")) << cut;
  const auto entries = many(40, 5);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    const auto read = read_table(buffer(bad), "t");
    // The padding of the footer and the unused meta index carry nothing.
    EXPECT_TRUE(!read || *read == entries) << i;
  }
}

TEST(Table, UncompressesSnappyBlocks) {
  // One plain table's data block again, this time compressed.
  std::string content;
  append_varint(content, 0);
  append_varint(content, 1);
  append_varint(content, 200);
  content += "k" + std::string(200, 'v');
  append_fixed32(content, 0);
  append_fixed32(content, 1);
  std::string file;
  const auto add_block = [&](const std::string& plain, bool compress) {
    std::string stored = plain;
    if (compress) snappy::Compress(plain.data(), plain.size(), &stored);
    std::string handle;
    append_varint(handle, file.size());
    append_varint(handle, stored.size());
    stored.push_back(compress ? 1 : 0);
    file += stored;
    append_fixed32(file, mask_crc(crc32c(std::as_bytes(std::span(stored)))));
    return handle;
  };
  const std::string handle = add_block(content, true);
  std::string index;
  append_varint(index, 0);
  append_varint(index, 1);
  append_varint(index, handle.size());
  index += "k" + handle;
  append_fixed32(index, 0);
  append_fixed32(index, 1);
  const std::string index_handle = add_block(index, false);
  std::string footer = index_handle + index_handle;
  footer.resize(40);
  append_fixed32(footer, 0x8b80fb57u);
  append_fixed32(footer, 0xdb477524u);
  const auto read = read_table(buffer(file + footer), "t");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, (TableEntries{{"k", std::string(200, 'v')}}));
}

TEST(Table, SaysThatItIsNone) {
  EXPECT_EQ(to_string(read_table(buffer(std::string(100, 'x')), "model.index").error()),
            "model.index\n  found     no table's magic number at its end\n"
            "  expected  the index of a checkpoint, version 2\n"
            "  to mend   the file is damaged; copy it again from where it was made");
}

TEST(SliceKey, OrdersAsItsParts) {
  EXPECT_EQ(slice_key("a", {}), std::string("\0a\0\1\0", 5));
  // A length byte before the rank; 0 is 0x80, -1 (the whole axis) 0x7f.
  EXPECT_EQ(slice_key("a", {{0, -1}}), std::string("\0a\0\1\1\1\x80\x7f", 8));
  EXPECT_EQ(slice_key("a", {{64, 63}}), std::string("\0a\0\1\1\1\xc0\x40\xbf", 9));
  EXPECT_LT(slice_key("a", {{63, 1}}), slice_key("a", {{64, 1}}));
  EXPECT_LT(slice_key("a", {{8191, 1}}), slice_key("a", {{8192, 1}}));
}

}  // namespace
}  // namespace monolite::tensorflow
