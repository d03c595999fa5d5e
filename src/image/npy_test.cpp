#include "image/npy.h"

#include <gtest/gtest.h>

#include <cstring>

namespace monolite::image {
namespace {

// A file of format version 1 … 3 with this header and so many bytes of data.
Buffer npy(int version, const std::string& header, size_t data_bytes) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  const auto length = static_cast<uint32_t>(header.size());
  text.append(reinterpret_cast<const char*>(&length), version == 1 ? 2 : 4);
  text += header;
  text.append(data_bytes, '\x01');
  return Buffer::copy_of(std::as_bytes(std::span(text.data(), text.size())));
}

TEST(Npy, ReadsAllVersions) {
  for (const int version : {1, 2, 3}) {
    const auto array =
        decode_npy(npy(version, "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }  \n", 12), "a.npy");
    ASSERT_TRUE(array) << version;
    EXPECT_EQ(array->kind, 'i');
    EXPECT_EQ(array->item_bytes, 2);
    EXPECT_EQ(array->shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(array->data.get<int16_t>(5), 0x0101);
  }
}

TEST(Npy, ReadsScalarsAndEmptyArrays) {
  const auto scalar = decode_npy(npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (), }", 1), "a.npy");
  ASSERT_TRUE(scalar);
  EXPECT_TRUE(scalar->shape.empty());
  EXPECT_TRUE(decode_npy(npy(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (0,), }", 0), "a.npy"));
}

TEST(Npy, SaysHowToMendFortranOrder) {
  const auto array = decode_npy(npy(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", 16), "a.npy");
  ASSERT_FALSE(array);
  EXPECT_EQ(array.error().found, "an array in Fortran order (columns first)");
  EXPECT_EQ(array.error().mend, "save it with numpy.save(file, numpy.ascontiguousarray(array))");
}

TEST(Npy, RefusesOtherByteOrdersAndObjects) {
  EXPECT_EQ(decode_npy(npy(1, "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4), "a.npy").error().found,
            "big-endian numbers");
  EXPECT_EQ(decode_npy(npy(1, "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 4), "a.npy").error().found,
            "elements of type '|O'");
}

TEST(Npy, RefusesShapesThatTheDataDoesNotFill) {
  const char* headers[] = {
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1",
      "{'descr': '<f4', 'shape': (2,), }",
      "{'descr': '<f4', 'descr': '<f4', 'shape': (99999999999999999999,), }",
      "{",
      "",
  };
  for (const char* header : headers) EXPECT_FALSE(decode_npy(npy(1, header, 8), "a.npy")) << header;
}

TEST(Npy, RefusesCutFiles) {
  const Buffer file = npy(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8);
  for (size_t n = 0; n < file.size_bytes(); ++n) {
    EXPECT_FALSE(decode_npy(Buffer::copy_of(file.bytes().first(n)), "a.npy")) << n;
  }
  EXPECT_TRUE(decode_npy(file, "a.npy"));
}

TEST(Npy, WritesWhatItReads) {
  const NpyArray array{'f', 8, {1, 2}, Buffer::of(std::vector<double>{0.5, -1})};
  const auto bytes = encode_npy(array);
  EXPECT_EQ(bytes.size() % 64, 16u);
  const auto back = decode_npy(Buffer::copy_of(bytes), "a.npy");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->shape, array.shape);
  EXPECT_EQ(back->data.get<double>(1), -1);
}

}  // namespace
}  // namespace monolite::image
