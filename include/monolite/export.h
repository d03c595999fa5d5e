#pragma once
// From a DeepLab checkpoint to a frozen TensorFlow graph.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

// Flags of research/deeplab's export_model.py, with its names and defaults.
struct ExportOptions {
  std::string checkpoint_path;  // prefix, one of its files, or a folder with a `checkpoint` state file
  std::string export_path;      // .pb; .pbtxt gives text
  std::string model_variant = "mobilenet_v2";
  double depth_multiplier = 1.0;
  std::optional<int> num_classes;    // absent: as the checkpoint's last layer has it
  std::vector<int> crop_size;        // height, width; absent: 513
  std::optional<int> output_stride;  // absent: 8
  std::vector<int> atrous_rates;
  std::optional<int> decoder_output_stride;
  std::optional<int> aspp_convs_filters;  // absent: as the checkpoint has it
  std::optional<int> decoder_filters;     // likewise
  bool add_image_level_feature = true;
  int quantize_delay_step = -1;  // 0 or more: with FakeQuant nodes
  std::vector<double> inference_scales = {1.0};
  bool add_flipped_images = false;
  bool save_inference_graph = false;  // inference_graph.pbtxt beside the export
  // Not in export_model.py.
  bool resize_align_corners = true;
  std::string argmax_output_type = "int64";
};

struct ExportReport {
  std::string file;
  int64_t bytes = 0, nodes = 0;
  std::vector<std::string> remarks;
};

// Reads a checkpoint, builds the inference graph and writes it.
//
// Errors: no such checkpoint, variables that do not fit the flags, flags that are not possible together.
Expected<ExportReport> export_model(const ExportOptions& options);

}  // namespace monolite
