#include "runtime/weight_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "ops/fully_connected.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

using Bytes = std::vector<std::byte>;

// A folder that goes with the test.
struct Folder {
  std::string path = std::filesystem::temp_directory_path() / ("monolite_cache_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file() const { return path + "/weights.cache"; }
};

// Convolution, depthwise convolution and matrix product; weights that pass 8 bits among them.
Model three_layers(uint32_t seed) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  std::mt19937 random(seed);
  const auto weights = [&](size_t count) {
    std::vector<uint8_t> w(count);
    for (uint8_t& x : w) x = static_cast<uint8_t>(random() % 8 == 0 ? random() : 100 + random() % 60);
    return w;
  };
  const auto x = g.input("x", DType::uint8, {1, 9, 9, 5}, per_tensor(0.1f, 128));
  const auto f = g.constant<uint8_t>("f", {70, 3, 3, 5}, weights(70 * 45), per_tensor(0.01f, 121));
  const auto bias = g.constant<int32_t>("b", {70}, std::vector<int32_t>(70, 77));
  const auto y = g.tensor("y", DType::uint8, {}, per_tensor(0.3f, 128));
  g.node(OpCode::CONV_2D, {x, f, bias}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
  const auto df = g.constant<uint8_t>("df", {1, 3, 3, 70}, weights(9 * 70), per_tensor(0.02f, 130));
  const auto z = g.tensor("z", DType::uint8, {}, per_tensor(0.5f, 128));
  ops::DepthwiseConv2D depthwise;
  depthwise.stride_w = depthwise.stride_h = depthwise.depth_multiplier = 1;
  g.node(OpCode::DEPTHWISE_CONV_2D, {y, df}, {z}, "DepthwiseConv2DOptions", depthwise);
  const auto m = g.constant<uint8_t>("m", {10, 70}, weights(700), per_tensor(0.02f, 110));
  const auto out = g.tensor("out", DType::uint8, {}, per_tensor(1.0f, 128));
  g.node(OpCode::FULLY_CONNECTED, {z, m}, {out}, "FullyConnectedOptions", ops::FullyConnected{});
  g.output(out);
  return model;
}

Bytes read(const std::string& path) {
  const auto file = map_file(path);
  return file ? Bytes(file->bytes().begin(), file->bytes().end()) : Bytes();
}

// Not write_file(), which waits for the disk.
void write(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// The graph's output with the cache's help; an empty one where there was an error.
Bytes output_with(const std::string& cache, const Model& model, Isa isa = usable_isa(), uint8_t file_byte = 1) {
  SessionOptions options;
  const std::byte model_bytes[] = {std::byte{file_byte}, std::byte{2}};
  options.isa = isa;
  options.weight_cache_file = cache;
  options.model_bytes = model_bytes;
  auto session = Session::create(model, options);
  if (!session) return {};
  const auto got = (*session)->run(testing::random_inputs(model.main(), 5));
  return got ? Bytes((*got)[0].data.bytes().begin(), (*got)[0].data.bytes().end()) : Bytes();
}

Bytes reference_output(const Model& model) {
  const auto want = ops::evaluate(model, testing::random_inputs(model.main(), 5));
  return want ? Bytes((*want)[0].data.bytes().begin(), (*want)[0].data.bytes().end()) : Bytes{std::byte{1}};
}

TEST(WeightCache, GivesTheSameBitsAndIsWrittenOnce) {
  const Folder folder;
  const Model model = three_layers(1);
  const Bytes want = reference_output(model);
  for (const Isa isa : testing::isas_of_this_machine()) {
    std::filesystem::remove(folder.file());
    EXPECT_EQ(output_with(folder.file(), model, isa), want) << to_string(isa);
    const Bytes first = read(folder.file());
    ASSERT_GT(first.size(), 70u * 45u);
    const auto written = std::filesystem::last_write_time(folder.file());
    EXPECT_EQ(output_with(folder.file(), model, isa), want) << to_string(isa);
    EXPECT_EQ(std::filesystem::last_write_time(folder.file()), written);
  }
}

TEST(WeightCache, HasNoNeedOfTheWeights) {
  const Folder folder;
  const Model model = three_layers(1), other = three_layers(2);
  const Bytes want = output_with(folder.file(), model);
  ASSERT_NE(reference_output(other), want);
  // The file's bytes are said to be the same: what is computed with can only be what was kept.
  EXPECT_EQ(output_with(folder.file(), other), want);
}

TEST(WeightCache, OfAnotherModelOrInstructionSetIsMadeAgain) {
  const Folder folder;
  const Model model = three_layers(1), other = three_layers(2);
  output_with(folder.file(), model);
  EXPECT_EQ(output_with(folder.file(), other, usable_isa(), 9), reference_output(other));
  EXPECT_EQ(output_with(folder.file(), model, Isa::none), reference_output(model));
}

TEST(WeightCache, DamagedFilesAreMadeAgain) {
  const Folder folder;
  const Model model = three_layers(1);
  const Bytes want = output_with(folder.file(), model), good = read(folder.file());
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    Bytes bad = good;
    if (round % 4 == 0) {
      bad.resize(16 + random() % (good.size() - 16));
    } else {
      bad[16 + random() % (bad.size() - 16)] ^= static_cast<std::byte>(1 + random() % 255);
    }
    write(folder.file(), bad);
    ASSERT_EQ(output_with(folder.file(), model), want);
    ASSERT_EQ(read(folder.file()), good);
  }
}

// The hash is right, what it covers is not: results may be others, but nothing is read that is not there.
TEST(WeightCache, FilesMadeOnPurposeDoNoHarm) {
  const Folder folder;
  const Model model = three_layers(1);
  for (const Isa isa : testing::isas_of_this_machine()) {
    std::filesystem::remove(folder.file());
    const size_t size = output_with(folder.file(), model, isa).size();
    const Bytes good = read(folder.file());
    std::mt19937 random(3);
    for (int round = 0; round < 60; ++round) {
      Bytes bad = good;
      for (int change = 0; change < 1 + round % 3; ++change) {
        // Heads, entries and what stands before the weights; numbers that are large, negative or near the old ones.
        const size_t at = 48 + random() % (round % 2 == 0 ? 400 : bad.size() - 56);
        const int64_t numbers[] = {-1, INT32_MAX, INT64_MAX, INT32_MIN, 1, 3, static_cast<int64_t>(random())};
        std::memcpy(bad.data() + at / 4 * 4, &numbers[random() % 7], round % 5 == 0 ? 8 : 4);
      }
      if (round % 7 == 0) bad.resize(64 + random() % (bad.size() - 64));
      WeightCache::seal(bad);
      write(folder.file(), bad);
      ASSERT_EQ(output_with(folder.file(), model, isa).size(), size);
    }
  }
}

TEST(WeightCache, DoesNotWriteOverOtherFiles) {
  const Folder folder;
  const std::string text = "a recipe for bread, not for weights";
  ASSERT_TRUE(write_file(folder.file(), text));
  SessionOptions options;
  options.weight_cache_file = folder.file();
  const Model model = three_layers(1);
  const auto session = Session::create(model, options);
  ASSERT_FALSE(session);
  EXPECT_NE(to_string(session.error()).find("no cache of packed weights"), std::string::npos);
  EXPECT_NE(to_string(session.error()).find("not written over"), std::string::npos);
  EXPECT_EQ(read(folder.file()).size(), text.size());
}

TEST(WeightCache, SaysWhereItCannotBeWritten) {
  const Model model = three_layers(1);
  SessionOptions options;
  options.weight_cache_file = "/no/such/folder/weights.cache";
  const auto session = Session::create(model, options);
  ASSERT_FALSE(session);
  EXPECT_NE(to_string(session.error()).find("/no/such/folder/weights.cache"), std::string::npos);
}

}  // namespace
}  // namespace monolite::runtime
