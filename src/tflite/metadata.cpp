#include "tflite/metadata.h"

#include <flatbuffers/flatbuffers.h>

#include "metadata_generated.h"

namespace monolite::tflite {
namespace {

std::string text(const flatbuffers::String* s) { return s == nullptr ? std::string() : s->str(); }

std::vector<float> floats(const flatbuffers::Vector<float>* v) {
  return v == nullptr ? std::vector<float>() : std::vector<float>(v->begin(), v->end());
}

TensorMetadata read_tensor(const metadata::TensorMetadata& from) {
  TensorMetadata to;
  to.name = text(from.name());
  to.description = text(from.description());
  if (from.process_units() != nullptr) {
    for (const auto* unit : *from.process_units()) {
      const auto* normalization = unit->options_as_NormalizationOptions();
      if (normalization == nullptr) continue;
      to.mean = floats(normalization->mean());
      to.std = floats(normalization->std());
    }
  }
  if (from.associated_files() != nullptr) {
    for (const auto* file : *from.associated_files()) {
      if (file->type() == metadata::AssociatedFileType_TENSOR_AXIS_LABELS ||
          file->type() == metadata::AssociatedFileType_TENSOR_VALUE_LABELS) {
        to.label_files.push_back(text(file->name()));
      }
    }
  }
  return to;
}

using Tensors = flatbuffers::Vector<flatbuffers::Offset<metadata::TensorMetadata>>;
std::vector<TensorMetadata> read_tensors(const Tensors* from) {
  std::vector<TensorMetadata> to;
  if (from == nullptr) return to;
  for (const auto* tensor : *from) to.push_back(read_tensor(*tensor));
  return to;
}

}  // namespace

Expected<std::optional<Metadata>> read_metadata(const Model& model) {
  for (const auto& [key, buffer] : model.metadata) {
    if (key != "TFLITE_METADATA") continue;
    // The flatbuffer counts its offsets from an aligned start, which a mapped file need not give it.
    const std::vector<std::byte> bytes(buffer.bytes().begin(), buffer.bytes().end());
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    flatbuffers::Verifier verifier(data, bytes.size());
    if (bytes.size() < 8 || !metadata::VerifyModelMetadataBuffer(verifier)) {
      return Unexpected(input_error(model.path, "metadata that is broken", "a flatbuffer of kind M001",
                                    "give labels with --labels; the model itself can be used"));
    }
    const auto* from = metadata::GetModelMetadata(data);
    Metadata to{text(from->name()),
                text(from->description()),
                text(from->version()),
                text(from->author()),
                text(from->license()),
                {},
                {}};
    if (from->subgraph_metadata() != nullptr && from->subgraph_metadata()->size() > 0) {
      const auto* graph = from->subgraph_metadata()->Get(0);
      to.inputs = read_tensors(graph->input_tensor_metadata());
      to.outputs = read_tensors(graph->output_tensor_metadata());
    }
    return to;
  }
  return std::nullopt;
}

}  // namespace monolite::tflite
