#include "tflite/metadata.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>

#include "metadata_generated.h"
#include "tflite/associated_files.h"

namespace monolite::tflite {
namespace {

constexpr const char* kKey = "TFLITE_METADATA";
constexpr const char* kLabelFile = "labels.txt";

// The model's metadata as the library's objects; nothing where there is none.
Expected<std::unique_ptr<metadata::ModelMetadataT>> unpack(const Model& model) {
  for (const auto& [key, buffer] : model.metadata) {
    if (key != kKey) continue;
    // The flatbuffer counts its offsets from an aligned start, which a mapped file need not give it.
    const std::vector<std::byte> bytes(buffer.bytes().begin(), buffer.bytes().end());
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    flatbuffers::Verifier verifier(data, bytes.size());
    if (bytes.size() < 8 || !metadata::VerifyModelMetadataBuffer(verifier)) {
      return Unexpected(input_error(model.path, "metadata that is broken", "a flatbuffer of kind M001",
                                    "give labels with --labels; the model itself can be used"));
    }
    return metadata::UnPackModelMetadata(data);
  }
  return nullptr;
}

Buffer pack(const metadata::ModelMetadataT& m) {
  flatbuffers::FlatBufferBuilder builder;
  metadata::FinishModelMetadataBuffer(builder, metadata::ModelMetadata::Pack(builder, &m));
  return Buffer::copy_of(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
}

// Entry i of what is said of a graph's ends, and those before it, made where they are missing.
metadata::TensorMetadataT& entry(std::vector<std::unique_ptr<metadata::TensorMetadataT>>& all, size_t i,
                                 const Graph& graph, const std::vector<TensorId>& ids) {
  for (size_t k = all.size(); k <= i; ++k) {
    all.push_back(std::make_unique<metadata::TensorMetadataT>());
    all.back()->name = k < ids.size() ? graph.tensor(ids[k]).name : "";
  }
  return *all[i];
}

void set_normalization(metadata::TensorMetadataT& tensor, const MetadataChange& change) {
  std::erase_if(tensor.process_units, [](const auto& u) { return u->options.AsNormalizationOptions() != nullptr; });
  metadata::NormalizationOptionsT options;
  options.mean = change.mean;
  options.std = change.std;
  auto unit = std::make_unique<metadata::ProcessUnitT>();
  unit->options.Set(std::move(options));
  tensor.process_units.insert(tensor.process_units.begin(), std::move(unit));
}

bool names_labels(metadata::AssociatedFileType type) {
  return type == metadata::AssociatedFileType_TENSOR_AXIS_LABELS ||
         type == metadata::AssociatedFileType_TENSOR_VALUE_LABELS;
}

void set_labels(metadata::TensorMetadataT& tensor, bool of_values) {
  std::erase_if(tensor.associated_files, [](const auto& f) { return names_labels(f->type); });
  auto file = std::make_unique<metadata::AssociatedFileT>();
  file->name = kLabelFile;
  file->type =
      of_values ? metadata::AssociatedFileType_TENSOR_VALUE_LABELS : metadata::AssociatedFileType_TENSOR_AXIS_LABELS;
  tensor.associated_files.push_back(std::move(file));
}

TensorMetadata described(const metadata::TensorMetadataT& from) {
  TensorMetadata to{from.name, from.description, {}, {}, {}};
  for (const auto& unit : from.process_units) {
    const auto* normalization = unit->options.AsNormalizationOptions();
    if (normalization == nullptr) continue;
    to.mean = normalization->mean;
    to.std = normalization->std;
  }
  for (const auto& file : from.associated_files) {
    if (names_labels(file->type)) to.label_files.push_back(file->name);
  }
  return to;
}

}  // namespace

Expected<std::optional<Metadata>> read_metadata(const Model& model) {
  ML_ASSIGN(const auto from, unpack(model));
  if (from == nullptr) return std::nullopt;
  Metadata to{from->name, from->description, from->version, from->author, from->license, {}, {}};
  if (!from->subgraph_metadata.empty()) {
    for (const auto& t : from->subgraph_metadata[0]->input_tensor_metadata) to.inputs.push_back(described(*t));
    for (const auto& t : from->subgraph_metadata[0]->output_tensor_metadata) to.outputs.push_back(described(*t));
  }
  return to;
}

Expected<void> set_metadata(Model& model, const MetadataChange& change) {
  ML_ASSIGN(auto m, unpack(model));
  if (m == nullptr) {
    m = std::make_unique<metadata::ModelMetadataT>();
    m->min_parser_version = "1.0.0";
  }
  if (m->subgraph_metadata.empty()) m->subgraph_metadata.push_back(std::make_unique<metadata::SubGraphMetadataT>());
  metadata::SubGraphMetadataT& graph = *m->subgraph_metadata[0];
  if (!change.mean.empty()) {
    set_normalization(entry(graph.input_tensor_metadata, 0, model.main(), model.main().inputs), change);
  }
  if (!change.labels.empty()) {
    set_labels(entry(graph.output_tensor_metadata, change.labelled_output, model.main(), model.main().outputs),
               change.labels_are_of_values);
    model.associated_files = with_file(model.associated_files, kLabelFile, change.labels);
  }
  std::erase_if(model.metadata, [](const auto& entry) { return entry.first == kKey; });
  model.metadata.emplace_back(kKey, pack(*m));
  return {};
}

}  // namespace monolite::tflite
