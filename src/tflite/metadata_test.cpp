#include "tflite/metadata.h"

#include <flatbuffers/flatbuffers.h>
#include <gtest/gtest.h>

#include "metadata_generated.h"
#include "tflite/associated_files.h"

namespace monolite::tflite {
namespace {

// A model whose input is (x - 127.5) / 127.5 and whose output has labels in labels.txt.
Model described_model() {
  flatbuffers::FlatBufferBuilder b;
  const std::vector<float> middle{127.5F};
  const auto options = metadata::CreateNormalizationOptionsDirect(b, &middle, &middle);
  const auto unit = metadata::CreateProcessUnit(b, metadata::ProcessUnitOptions_NormalizationOptions, options.Union());
  const auto units = b.CreateVector(&unit, 1);
  const auto file =
      metadata::CreateAssociatedFileDirect(b, "labels.txt", nullptr, metadata::AssociatedFileType_TENSOR_AXIS_LABELS);
  const auto files = b.CreateVector(&file, 1);
  const auto input_name = b.CreateString("image");
  metadata::TensorMetadataBuilder input_builder(b);
  input_builder.add_name(input_name);
  input_builder.add_process_units(units);
  const auto input = input_builder.Finish();
  metadata::TensorMetadataBuilder output_builder(b);
  output_builder.add_associated_files(files);
  const auto output = output_builder.Finish();
  const auto inputs = b.CreateVector(&input, 1), outputs = b.CreateVector(&output, 1);
  const auto graph = metadata::CreateSubGraphMetadata(b, 0, 0, inputs, outputs);
  const auto graphs = b.CreateVector(&graph, 1);
  const auto name = b.CreateString("a net");
  metadata::ModelMetadataBuilder model_builder(b);
  model_builder.add_name(name);
  model_builder.add_subgraph_metadata(graphs);
  metadata::FinishModelMetadataBuffer(b, model_builder.Finish());
  Model model;
  model.metadata.emplace_back("TFLITE_METADATA",
                              Buffer::copy_of(std::as_bytes(std::span(b.GetBufferPointer(), b.GetSize()))));
  return model;
}

TEST(Metadata, SaysHowInputsAreNormalizedAndWhereLabelsAre) {
  const auto metadata = read_metadata(described_model());
  ASSERT_TRUE(metadata && *metadata);
  EXPECT_EQ((*metadata)->name, "a net");
  ASSERT_EQ((*metadata)->inputs.size(), 1u);
  EXPECT_EQ((*metadata)->inputs[0].name, "image");
  EXPECT_EQ((*metadata)->inputs[0].mean, (std::vector<float>{127.5F}));
  EXPECT_EQ((*metadata)->inputs[0].std, (std::vector<float>{127.5F}));
  EXPECT_EQ((*metadata)->outputs[0].label_files, (std::vector<std::string>{"labels.txt"}));
}

TEST(Metadata, IsAbsentInMostModels) {
  const auto metadata = read_metadata(Model());
  ASSERT_TRUE(metadata);
  EXPECT_FALSE(*metadata);
}

TEST(Metadata, IsVerifiedBeforeUse) {
  const Model good = described_model();
  const Buffer& bytes = good.metadata[0].second;
  for (size_t n = 0; n < bytes.size_bytes(); ++n) {
    Model cut = good;
    cut.metadata[0].second = Buffer::copy_of(bytes.bytes().first(n));
    EXPECT_FALSE(read_metadata(cut)) << n;
  }
  for (size_t i = 0; i < bytes.size_bytes(); ++i) {
    std::vector<std::byte> changed(bytes.bytes().begin(), bytes.bytes().end());
    changed[i] = std::byte{0xFF};
    Model broken = good;
    broken.metadata[0].second = Buffer::of(std::move(changed));
    (void)read_metadata(broken);  // either way: no crash
  }
}

TEST(Metadata, ChangesKeepWhatIsStatedAndPacked) {
  Model model = described_model();
  model.graphs.resize(1);
  model.associated_files = with_file({}, "vocabulary.txt", "some words");
  ASSERT_TRUE(set_metadata(model, {.mean = {1, 2, 3}, .std = {4, 5, 6}, .labels = "cat\ndog\n"}));
  const auto metadata = read_metadata(model);
  ASSERT_TRUE(metadata && *metadata);
  EXPECT_EQ((*metadata)->name, "a net");
  ASSERT_EQ((*metadata)->inputs.size(), 1u);
  EXPECT_EQ((*metadata)->inputs[0].name, "image");
  EXPECT_EQ((*metadata)->inputs[0].mean, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ((*metadata)->outputs[0].label_files, (std::vector<std::string>{"labels.txt"}));
  EXPECT_EQ(file_names(model.associated_files), (std::vector<std::string>{"vocabulary.txt", "labels.txt"}));
  EXPECT_EQ(read_file_text(model.associated_files, "vocabulary.txt").value_or("nothing"), "some words");
  EXPECT_EQ(read_file_text(model.associated_files, "labels.txt").value_or("nothing"), "cat\ndog\n");
  ASSERT_TRUE(set_metadata(model, {.labels = "sky\n"}));
  EXPECT_EQ(file_names(model.associated_files), (std::vector<std::string>{"vocabulary.txt", "labels.txt"}));
  EXPECT_EQ(read_file_text(model.associated_files, "labels.txt").value_or("nothing"), "sky\n");
}

TEST(Metadata, BeginsInAModelWithoutAny) {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  graph.outputs = {graph.add({.name = "scores"}), graph.add({.name = "classes"})};
  ASSERT_TRUE(set_metadata(model, {.labels = "cat\n", .labelled_output = 1, .labels_are_of_values = true}));
  const auto metadata = read_metadata(model);
  ASSERT_TRUE(metadata && *metadata);
  ASSERT_EQ((*metadata)->outputs.size(), 2u);
  EXPECT_EQ((*metadata)->outputs[1].name, "classes");
  EXPECT_EQ((*metadata)->outputs[1].label_files, (std::vector<std::string>{"labels.txt"}));
}

}  // namespace
}  // namespace monolite::tflite
