#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace monolite {
namespace {

class File : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "monolite_file_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  static std::string text(const Buffer& b) { return {reinterpret_cast<const char*>(b.data()), b.size_bytes()}; }
  std::string folder_;
};

TEST_F(File, ComesBackAsWritten) {
  ASSERT_TRUE(write_file(path("a"), std::string("hello")));
  EXPECT_EQ(text(map_file(path("a")).value()), "hello");
  ASSERT_TRUE(write_file(path("a"), std::string("bye")));
  EXPECT_EQ(text(map_file(path("a")).value()), "bye");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1) << "nothing is left beside it";
}

TEST_F(File, EmptyFileIsAnEmptyBuffer) {
  ASSERT_TRUE(write_file(path("empty"), std::string()));
  EXPECT_TRUE(map_file(path("empty")).value().empty());
}

TEST_F(File, IsReadAgainWhereItsPagesWereReleased) {
  std::string long_text(100000, 'x');
  for (size_t i = 0; i < long_text.size(); ++i) long_text[i] = static_cast<char>('a' + i % 23);
  ASSERT_TRUE(write_file(path("a"), long_text));
  const Buffer b = map_file(path("a")).value();
  EXPECT_EQ(text(b), long_text);
  release_pages(b.bytes().subspan(5, 90000));
  EXPECT_EQ(text(b), long_text);
  release_pages(std::as_bytes(std::span(long_text)));  // not a file's
  EXPECT_EQ(text(b), long_text);
}

TEST_F(File, SaysWhatIsWrong) {
  EXPECT_EQ(map_file(path("none")).error().found, "No such file or directory");
  EXPECT_EQ(map_file(folder_).error().found, "a directory");
  EXPECT_EQ(write_file(folder_, std::string("x")).error().found, "a directory");
  EXPECT_FALSE(write_file(path("none/x"), std::string("x")));
}

TEST_F(File, KeepsTheModeOfWhatItReplaces) {
  ASSERT_TRUE(write_file(path("a"), std::string("1")));
  ::chmod(path("a").c_str(), 0640);
  ASSERT_TRUE(write_file(path("a"), std::string("2")));
  struct stat info;
  ::stat(path("a").c_str(), &info);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(File, WritesThroughALink) {
  ASSERT_TRUE(write_file(path("a"), std::string("1")));
  std::filesystem::create_symlink(path("a"), path("link"));
  ASSERT_TRUE(write_file(path("link"), std::string("2")));
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(text(map_file(path("a")).value()), "2");
}

TEST_F(File, FoldersAreMade) {
  ASSERT_TRUE(make_folder(path("x/y")));
  ASSERT_TRUE(make_folder(path("x/y")));
  ASSERT_TRUE(write_file(path("f"), std::string("1")));
  EXPECT_FALSE(make_folder(path("f/z")));
}

}  // namespace
}  // namespace monolite
