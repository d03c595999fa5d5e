#include "convert/export.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "convert/checkpoint_fit.h"
#include "nets/net.h"
#include "tensorflow/fixtures.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

const nets::DeepLabOptions kTiny{
    .depth_multiplier = 0.35, .crop_height = 33, .crop_width = 33, .classes = 3, .aspp_filters = 8};

// A checkpoint with the variables of a net, all zeros but variances of one.
class Export : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "monolite_export_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  tf::Checkpoint checkpoint_of(const nets::DeepLabOptions& options, bool ranges) {
    const nets::Net net = nets::deeplab(options);
    std::map<std::string, tf::Tensor> values;
    for (const auto& l : net.layers) {
      for (const auto& v : nets::variables(net, l, ranges)) {
        tf::Tensor t{tf::DataType::float32, v.dims, {}, {}};
        t.data = Buffer::of(std::vector<float>(static_cast<size_t>(t.elements()),
                                               v.name.ends_with("max") || v.name.ends_with("variance") ? 1.0f : 0.0f));
        values[v.name] = std::move(t);
      }
    }
    EXPECT_TRUE(tf::write_checkpoint(folder_ + "/model.ckpt", values));
    return tf::Checkpoint::open(folder_ + "/model.ckpt").value();
  }
  std::string folder_;
};

TEST_F(Export, HasTheUsualNodes) {
  const auto checkpoint = checkpoint_of(kTiny, true);
  for (const bool quantize : {false, true}) {
    const auto e = export_deeplab(checkpoint, {.net = kTiny, .quantize = quantize});
    ASSERT_TRUE(e) << to_string(e.error());
    size_t found = 0, ranges = 0;
    for (const auto& n : e->graph.nodes) {
      for (const char* name : {"ImageTensor", "MobilenetV2/MobilenetV2/input", "ArgMax", "SemanticPredictions"})
        found += n.name == name;
      ranges += n.op == "FakeQuantWithMinMaxVars";
    }
    EXPECT_EQ(found, 4u);
    EXPECT_EQ(ranges, quantize ? 120u : 0u);
    EXPECT_EQ(e->remarks.size(), quantize ? 0u : 1u) << "ranges that are not used are said";
  }
}

TEST_F(Export, TakesMobileNetEdgeTpu) {
  auto edgetpu = kTiny;
  edgetpu.backbone = nets::Backbone::mobilenet_edgetpu;
  const auto checkpoint = checkpoint_of(edgetpu, true);
  for (const bool quantize : {false, true}) {
    const auto e = export_deeplab(checkpoint, {.net = edgetpu, .quantize = quantize});
    ASSERT_TRUE(e) << to_string(e.error());
    size_t found = 0;
    for (const auto& n : e->graph.nodes) {
      for (const char* name : {"ImageTensor", "MobilenetEdgeTPU/MobilenetEdgeTPU/input", "ArgMax"})
        found += n.name == name;
    }
    EXPECT_EQ(found, 3u);
  }
  EXPECT_EQ(export_deeplab(checkpoint, {.net = kTiny}).error().mend, "--model_variant=mobilenet_edgetpu");
}

TEST_F(Export, SaysWhichFlagDoesNotFit) {
  const auto checkpoint = checkpoint_of(kTiny, false);
  auto other = kTiny;
  other.classes = 21;
  EXPECT_EQ(to_string(export_deeplab(checkpoint, {.net = other}).error()),
            folder_ +
                "/model.ckpt\n  found     variable logits/semantic/weights: float32 [1, 1, 8, 3] instead of float32 "
                "[1, 1, 8, 21], "
                "and 1 more of 272 do not fit\n  expected  DeepLab over MobileNet v2, multiplier 0.35, 21 classes\n"
                "  to mend   its last layer has 3 classes: --num_classes=3");
  other = kTiny;
  other.depth_multiplier = 1.0;
  EXPECT_EQ(export_deeplab(checkpoint, {.net = other}).error().mend,
            "its first layer has 11 filters, not 32: --depth_multiplier=0.35");
  EXPECT_EQ(export_deeplab(checkpoint, {.net = kTiny, .quantize = true}).error().mend,
            "it was trained without quantization: leave --quantize_delay_step out");
  other = kTiny;
  other.decoder_output_stride = 4;
  EXPECT_EQ(export_deeplab(checkpoint, {.net = other}).error().mend,
            "it has no decoder: leave --decoder_output_stride out");
  other = kTiny;
  other.atrous_rates = {6, 12};
  const auto with_branches = checkpoint_of(other, false);
  EXPECT_EQ(export_deeplab(with_branches, {.net = kTiny}).error().mend,
            "it has 2 ASPP branches with rates: give --atrous_rates as in training, such as 6, 12 and 18 for output "
            "stride 16");
  other.decoder_output_stride = 4;
  other.decoder_filters = 24;
  EXPECT_EQ(decoder_filters_of(checkpoint_of(other, false)), 24);
}

}  // namespace
}  // namespace monolite::conversion
