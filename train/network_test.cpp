#include "network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "convert/export.h"
#include "convert/interpret.h"
#include "data/scene.h"
#include "data/scene_splits.h"
#include "nets/deeplab.h"
#include "runtime/session.h"
#include "tensorflow/fixtures.h"
#include "tensorflow/graph_def.h"
#include "tflite/reader.h"

namespace monolite::train {
namespace {

namespace tf = monolite::tensorflow;

const nets::DeepLabOptions kSmall{
    .depth_multiplier = 0.35, .crop_height = 49, .crop_width = 33, .classes = 4, .aspp_filters = 16};

Batch noise(const nets::DeepLabOptions& net, int count, unsigned seed) {
  std::mt19937 random(seed);
  Batch b{count, net.crop_height, net.crop_width, {}, {}};
  b.images.resize(b.pixels() * 3);
  b.labels.resize(b.pixels());
  for (auto& v : b.images) v = static_cast<uint8_t>(random() % 256);
  for (auto& v : b.labels)
    v = static_cast<uint8_t>(random() % 9 == 0 ? 255 : random() % static_cast<unsigned>(net.classes));
  return b;
}

class NetworkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "monolite_network_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static Network make(const nets::DeepLabOptions& net, NetworkOptions options = {}) {
    options.batch_norm_decay = options.backbone_batch_norm_decay = 0.5;
    return std::move(*Network::create(nets::deeplab(net), options));
  }

  // Some steps, so that statistics, ranges and offsets are not those of the start.
  static void settle(Network& network, const nets::DeepLabOptions& net) {
    for (int64_t i = 0; i < 6; ++i) {
      const auto loss = network.step(noise(net, 4, static_cast<unsigned>(i)), i, 0.02);
      ASSERT_TRUE(loss) << to_string(loss.error());
    }
  }

  tf::Checkpoint save(const Network& network, int64_t step) {
    const std::string prefix = folder_ + "/model.ckpt-" + std::to_string(step);
    EXPECT_TRUE(tf::write_checkpoint(prefix, network.variables(step)));
    return std::move(*tf::Checkpoint::open(prefix));
  }

  // The logits of the exported graph, run as TensorFlow runs it.
  std::vector<float> exported(const Network& network, const nets::DeepLabOptions& net, const Batch& b, bool quantize) {
    const auto e = conversion::export_deeplab(save(network, 6), {.net = net, .quantize = quantize});
    EXPECT_TRUE(e) << (e ? "" : to_string(e.error()));
    return output_of(e->graph, nets::deeplab(net).back().name, b);
  }

  static std::vector<float> output_of(const tf::Graph& graph, const std::string& node, const Batch& b) {
    conversion::Feed feed{
        "ImageTensor", {.dtype = DType::uint8, .shape = Shape{1, b.height, b.width, 3}, .data = Buffer::of(b.images)}};
    const auto values = conversion::run_graph(graph, {feed}, {node});
    EXPECT_TRUE(values) << (values ? "" : to_string(values.error()));
    std::vector<float> logits((*values)[0].data.size_bytes() / sizeof(float));
    std::memcpy(logits.data(), (*values)[0].data.data(), logits.size() * sizeof(float));
    return logits;
  }

  std::string folder_;
};

float largest(const std::vector<float>& v) {
  float most = 0;
  for (const float x : v) most = std::max(most, std::fabs(x));
  return most;
}

TEST_F(NetworkTest, ComputesWhatTheExportedGraphDoes) {
  for (nets::DeepLabOptions net :
       {kSmall,
        nets::DeepLabOptions{
            .depth_multiplier = 0.35, .crop_height = 48, .crop_width = 64, .classes = 4, .aspp_filters = 16},
        nets::DeepLabOptions{.depth_multiplier = 0.35,
        .crop_height = 33,
        .crop_width = 33,
        .classes = 4,
        .output_stride = 8,
        .atrous_rates = {2, 3},
        .decoder_output_stride = 4,
        .aspp_filters = 8,
        .decoder_filters = 8}}) {
    Network network = make(net);
    settle(network, net);
    const Batch b = noise(net, 1, 77);
    const auto own = network.logits(b, false), theirs = exported(network, net, b, false);
    ASSERT_EQ(own.size(), theirs.size());
    for (size_t i = 0; i < own.size(); ++i) ASSERT_NEAR(own[i], theirs[i], 1e-4 * largest(theirs)) << i;
  }
}

TEST_F(NetworkTest, QuantizedComputesWhatTheFakeQuantGraphDoes) {
  for (const NetworkOptions& options :
       {NetworkOptions{.quantize_delay_step = 0}, NetworkOptions{.quantize_delay_step = 0, .per_channel = true}}) {
    Network network = make(kSmall, options);
    settle(network, kSmall);
    const Batch b = noise(kSmall, 1, 77);
    const auto own = network.logits(b, true), theirs = exported(network, kSmall, b, true);
    ASSERT_EQ(own.size(), theirs.size());
    // A sum that lies on the border of two levels may fall to either; from there on levels differ by one.
    size_t apart = 0;
    for (size_t i = 0; i < own.size(); ++i) {
      apart += std::fabs(own[i] - theirs[i]) > 1e-5 * largest(theirs);
      ASSERT_NEAR(own[i], theirs[i], 0.04 * largest(theirs)) << i;
    }
    EXPECT_LE(apart, own.size() / 4);
    EXPECT_NE(network.logits(b, false), own) << "levels are coarse enough to be seen";
  }
}

// TensorFlow's own checkpoints and the graphs that it froze of them.
class NetworkFixtureTest : public NetworkTest {
 protected:
  static constexpr nets::DeepLabOptions net() {
    return {.depth_multiplier = 0.35, .crop_height = 65, .crop_width = 65, .classes = 4, .aspp_filters = 32};
  }

  // How many values of a net's last layer are apart by more than `tolerance` of the largest.
  static void compare(const std::string& folder, const nets::Net& part, bool quantized, const std::string& node,
                      double tolerance, double share) {
    NetworkOptions options;
    if (quantized) options.quantize_delay_step = 0;
    Network network = std::move(*Network::create(part, options));
    const auto checkpoint = tf::Checkpoint::open(folder);
    ASSERT_TRUE(checkpoint) << to_string(checkpoint.error());
    const auto loaded = network.load(*checkpoint, {});
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    EXPECT_TRUE(loaded->kept.empty()) << loaded->kept[0];
    const auto graph = tf::read_graph_def(folder + "/frozen_inference_graph.pb");
    ASSERT_TRUE(graph) << to_string(graph.error());
    const Batch b = noise(net(), 1, 3);
    const auto own = network.logits(b, quantized), theirs = output_of(*graph, node, b);
    ASSERT_EQ(own.size(), theirs.size());
    size_t apart = 0;
    for (size_t i = 0; i < own.size(); ++i) apart += std::fabs(own[i] - theirs[i]) > tolerance * largest(theirs);
    EXPECT_LE(static_cast<double>(apart), share * static_cast<double>(own.size())) << node;
  }
};

TEST_F(NetworkFixtureTest, ComputesWhatTensorFlowsFloatGraphDoes) {
  SHARED_OR_SKIP(folder, "fixtures/deeplab_tiny_float");
  const nets::Net whole = nets::deeplab(net());
  compare(folder, whole, false, whole.back().name, 1e-4, 0);
}

// Only the first blocks: further down, random weights make much of the one level by which a sum on the border of two
// may differ.
TEST_F(NetworkFixtureTest, QuantizedComputesWhatTensorFlowsGraphDoes) {
  SHARED_OR_SKIP(folder, "fixtures/deeplab_tiny_qat");
  nets::Net part = nets::deeplab(net());
  while (part.back().name != "MobilenetV2/expanded_conv_4/add") part.layers.pop_back();
  compare(folder, part, true, part.back().range_scope + "/FakeQuantWithMinMaxVars", 1e-5, 1e-3);
}

// The model that comes with the project: what was trained is what its integers compute.
TEST_F(NetworkTest, IntegerModelAgreesWithTheQuantizedNet) {
  constexpr int kSize = 129, kPictures = 20;
  const nets::DeepLabOptions net{.depth_multiplier = 0.5,
                                 .crop_height = kSize,
                                 .crop_width = kSize,
                                 .classes = 8,
                                 .decoder_output_stride = 4,
                                 .aspp_filters = 128,
                                 .decoder_filters = 48};
  Network network = make(net, {.quantize_delay_step = 0});
  const auto checkpoint = tf::Checkpoint::open(MONOLITE_SCENES "/checkpoint_qat");
  ASSERT_TRUE(checkpoint) << to_string(checkpoint.error());
  const auto loaded = network.load(*checkpoint, {});
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  ASSERT_TRUE(loaded->kept.empty()) << loaded->kept[0];
  const auto model = tflite::read_file(MONOLITE_SCENES "/scenes_uint8.tflite");
  ASSERT_TRUE(model) << to_string(model.error());
  const auto session = runtime::Session::create(*model);
  ASSERT_TRUE(session) << to_string(session.error());
  size_t same = 0, all = 0;
  for (int k = 0; k < kPictures; ++k) {
    const auto s = data::scene(data::kTestSplit.first_seed + static_cast<uint64_t>(k), kSize, kSize);
    const auto labels = network.labels({1, kSize, kSize, s.image, {}}, true);
    const auto input = (*session)->input(0);
    std::memcpy(input.bytes.data(), s.image.data(), s.image.size());
    ASSERT_TRUE((*session)->invoke());
    const auto output = (*session)->output(0);
    ASSERT_EQ(output.dtype, DType::int64);
    for (size_t i = 0; i < labels.size(); ++i) {
      int64_t label;
      std::memcpy(&label, output.bytes.data() + i * sizeof label, sizeof label);
      same += label == labels[i];
    }
    all += labels.size();
  }
  RecordProperty("share", std::to_string(static_cast<double>(same) / static_cast<double>(all)));
  EXPECT_GE(static_cast<double>(same), 0.99 * static_cast<double>(all)) << same << " of " << all;
}

TEST_F(NetworkTest, GradientsAreThoseOfFiniteDifferences) {
  for (const bool quantizes : {false, true}) {
    NetworkOptions options{.weight_decay = 1e-3};
    if (quantizes) options.quantize_delay_step = 1000;  // folded and watched, not yet rounded: rounding has no slope
    Network network = make(kSmall, options);
    settle(network, kSmall);
    const Batch b = noise(kSmall, 2, 5);
    for (const char* name : {"MobilenetV2/expanded_conv_3/project/weights", "concat_projection/weights",
                             "MobilenetV2/expanded_conv_16/project/BatchNorm/gamma", "aspp0/BatchNorm/beta",
                             "image_pooling/weights", "logits/semantic/weights", "logits/semantic/biases"}) {
      const auto gradient = network.gradient(b, 7, name);
      double length = 0;
      for (const float g : gradient) length += double{g} * g;
      length = std::sqrt(length);
      ASSERT_GT(length, 1e-4) << name;
      // Along the gradient the loss rises by its length.
      const auto start = network.values(name);
      const auto moved_by = [&](double h) {
        auto values = start;
        for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<float>(h * gradient[i] / length);
        network.set_values(name, values);
        return network.loss(b, 7);
      };
      // Short, for ReLUs bend on the way; not so short that float32 blurs the difference.
      const double h = std::min(1e-5 / length, 5e-3), slope = (moved_by(h) - moved_by(-h)) / (2 * h);
      network.set_values(name, start);
      EXPECT_NEAR(slope, length, 0.05 * length + 5e-5) << name << " " << quantizes;
    }
  }
}

// Two workers in one process: who comes first waits for the other.
class Pair {
 public:
  auto combine(bool takes_mean) {
    return [this, takes_mean](std::span<float> values) -> Expected<void> {
      std::unique_lock lock(mutex_);
      if (waiting_.empty()) {
        waiting_.assign(values.begin(), values.end());
        const int round = round_;
        changed_.wait(lock, [&] { return round_ != round; });
        std::copy(result_.begin(), result_.end(), values.begin());
        return {};
      }
      EXPECT_EQ(waiting_.size(), values.size());
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = takes_mean ? (values[i] + waiting_[i]) / 2 : std::max(values[i], waiting_[i]);
      result_.assign(values.begin(), values.end());
      waiting_.clear();
      ++round_;
      changed_.notify_all();
      return {};
    };
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<float> waiting_, result_;
  int round_ = 0;
};

Batch half(const Batch& b, int which) {
  Batch part{b.count / 2, b.height, b.width, {}, {}};
  const auto images = b.images.begin() + which * static_cast<std::ptrdiff_t>(part.pixels() * 3);
  const auto labels = b.labels.begin() + which * static_cast<std::ptrdiff_t>(part.pixels());
  part.images.assign(images, images + static_cast<std::ptrdiff_t>(part.pixels() * 3));
  part.labels.assign(labels, labels + static_cast<std::ptrdiff_t>(part.pixels()));
  return part;
}

// |a - b| / |a|.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, length = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
    length += double{a[i]} * a[i];
  }
  return std::sqrt(difference / std::max(length, 1e-30));
}

using Names = std::vector<std::string>;

// After one step of two workers, each with half of a batch: how far variables lie from where one worker's step moves
// them, in parts of that way.
std::vector<double> misses_of_two(NetworkOptions options, const Names& variables) {
  Batch b = noise(kSmall, 8, 3);
  for (auto& label : b.labels) label = label == 255 ? 0 : label;
  options.keep_probability = 1;
  options.batch_norm_decay = options.backbone_batch_norm_decay = 0.5;
  const auto net = nets::deeplab(kSmall);
  Network whole = std::move(*Network::create(net, options));
  std::vector<std::vector<float>> before;
  for (const auto& v : variables) before.push_back(whole.values(v));
  EXPECT_TRUE(whole.step(b, 0, 0.1));
  Pair pair;
  options.average = pair.combine(true);
  options.maximum = pair.combine(false);
  options.workers = 2;
  std::vector<Network> workers;
  for (int i = 0; i < 2; ++i) workers.push_back(std::move(*Network::create(net, options)));
  std::thread other([&] { EXPECT_TRUE(workers[1].step(half(b, 1), 0, 0.1)); });
  EXPECT_TRUE(workers[0].step(half(b, 0), 0, 0.1));
  other.join();
  std::vector<double> misses;
  for (size_t k = 0; k < variables.size(); ++k) {
    auto way = whole.values(variables[k]), missed = workers[0].values(variables[k]);
    for (size_t i = 0; i < way.size(); ++i) missed[i] -= before[k][i], way[i] -= before[k][i];
    misses.push_back(distance(way, missed));
  }
  return misses;
}

TEST_F(NetworkTest, WorkersWithSynchronisedBatchNormsMoveAsOne) {
  const Names head{"logits/semantic/weights", "concat_projection/BatchNorm/beta", "image_pooling/weights",
                   "aspp0/BatchNorm/moving_variance"},
      ends{"MobilenetV2/Conv/weights", "logits/semantic/weights"};
  for (NetworkOptions options : {NetworkOptions(), NetworkOptions{.quantize_delay_step = 5}}) {
    const auto apart = misses_of_two(options, ends);
    options.sync_batch_norm = true;
    for (const double miss : misses_of_two(options, head)) EXPECT_LT(miss, 2e-3);
    // Further down single ReLUs bend the other way where sums differ in the last bit.
    EXPECT_LT(misses_of_two(options, ends)[0], 0.1);
    EXPECT_GT(apart[0], 0.3);
    EXPECT_GT(apart[1], 0.02);
  }
}

// With batch norms frozen: ranges are those of all parts of the batch.
TEST_F(NetworkTest, QuantizedWorkersMoveAsOne) {
  const Names names{"aspp0/weights", "logits/semantic/weights", "MobilenetV2/Conv/act_quant/max",
                    "logits/semantic/act_quant/min"};
  for (const double miss : misses_of_two({.quantize_delay_step = 0, .freeze_bn_delay = 0}, names))
    EXPECT_LT(miss, 2e-3);
}

TEST_F(NetworkTest, SymmetricFiltersReachAsFarDownAsUp) {
  Network network = make(kSmall, {.quantize_delay_step = 0, .symmetric_weights = true});
  settle(network, kSmall);
  EXPECT_EQ(network.values("aspp0/weights_quant/min")[0], -network.values("aspp0/weights_quant/max")[0]);
  EXPECT_GT(network.values("aspp0/weights_quant/max")[0], 0);
}

TEST_F(NetworkTest, GoesOnFromACheckpointBitForBit) {
  for (const Optimizer optimizer : {Optimizer::momentum, Optimizer::adam}) {
    const NetworkOptions options{.optimizer = optimizer, .quantize_delay_step = 3};
    Network whole = make(kSmall, options),
            resumed = make(kSmall, {.seed = 1, .optimizer = optimizer, .quantize_delay_step = 3});
    settle(whole, kSmall);
    const auto loaded = resumed.load(save(whole, 6), {.is_resume = true});
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    EXPECT_EQ(loaded->global_step, 6);
    for (int64_t i = 6; i < 8; ++i) {
      const Batch b = noise(kSmall, 4, static_cast<unsigned>(i));
      EXPECT_EQ(*whole.step(b, i, 0.01), *resumed.step(b, i, 0.01));
    }
    const auto a = whole.variables(8), b = resumed.variables(8);
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, value] : a) {
      const auto bytes = value.data.bytes(), others = b.at(name).data.bytes();
      EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), others.begin(), others.end())) << name;
    }
  }
}

TEST_F(NetworkTest, LossThatIsNotFiniteStopsAndLeavesTheWeights) {
  Network network = make(kSmall);
  network.set_values("logits/semantic/biases", {std::nanf(""), 1, 2, 3});
  const auto before = network.values("logits/semantic/weights");
  const auto loss = network.step(noise(kSmall, 2, 1), 12, 0.5);
  ASSERT_FALSE(loss);
  EXPECT_EQ(loss.error().where, "step 12");
  EXPECT_EQ(loss.error().found, "a loss of nan");
  EXPECT_EQ(network.values("logits/semantic/weights"), before);
}

TEST_F(NetworkTest, OtherClassesNeedAnotherLastLayer) {
  Network trained = make(kSmall);
  const auto checkpoint = save(trained, 0);
  auto other = kSmall;
  other.classes = 7;
  Network network = make(other, {.seed = 9});
  EXPECT_FALSE(network.load(checkpoint, {}));
  const auto loaded = network.load(checkpoint, {.initialize_last_layer = false});
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(network.values("MobilenetV2/Conv/weights"), trained.values("MobilenetV2/Conv/weights"));
}

}  // namespace
}  // namespace monolite::train
