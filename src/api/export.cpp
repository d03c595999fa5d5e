#include "monolite/export.h"

#include <fmt/format.h>

#include <filesystem>

#include "api/export_graph.h"
#include "base/file.h"
#include "base/text.h"
#include "convert/checkpoint_fit.h"
#include "tensorflow/graph_def.h"

namespace monolite {
namespace {

constexpr int kDefaultCrop = 513, kDefaultStride = 8, kDefaultClasses = 21, kDefaultFilters = 256;
constexpr int kMostCrop = 8192;
constexpr size_t kMostScales = 16;

Expected<void> check(const ExportOptions& o) {
  if (o.checkpoint_path.empty())
    return Unexpected(usage_error("export", "no --checkpoint_path", "the prefix of a checkpoint"));
  if (o.model_variant != "mobilenet_v2" && o.model_variant != "mobilenet_edgetpu") {
    return Unexpected(usage_error("--model_variant", printable(o.model_variant), "mobilenet_v2 or mobilenet_edgetpu",
                                  "other backbones are not exported"));
  }
  if (o.model_variant == "mobilenet_edgetpu" && o.decoder_output_stride) {
    return Unexpected(usage_error("--decoder_output_stride", "a decoder over MobileNet-EdgeTPU", "none",
                                  "its blocks on large maps have no depthwise layer to take features from"));
  }
  if (o.inference_scales.empty() || o.inference_scales.size() > kMostScales) {
    return Unexpected(usage_error("--inference_scales", fmt::format("{} numbers", o.inference_scales.size()),
                                  fmt::format("1 to {}", kMostScales)));
  }
  for (const double s : o.inference_scales) {
    if (!(s >= 0.1 && s <= 4)) return Unexpected(usage_error("--inference_scales", fmt::format("{}", s), "0.1 to 4"));
  }
  if (!(o.depth_multiplier > 0 && o.depth_multiplier <= 8)) {
    return Unexpected(usage_error("--depth_multiplier", fmt::format("{}", o.depth_multiplier), "above 0, at most 8"));
  }
  const int stride = o.output_stride.value_or(kDefaultStride);
  if (stride != 8 && stride != 16 && stride != 32)
    return Unexpected(usage_error("--output_stride", std::to_string(stride), "8, 16 or 32"));
  if (o.decoder_output_stride && *o.decoder_output_stride != 4) {
    return Unexpected(usage_error("--decoder_output_stride", std::to_string(*o.decoder_output_stride), "4"));
  }
  if (o.crop_size.size() > 2)
    return Unexpected(usage_error("--crop_size", std::to_string(o.crop_size.size()) + " numbers", "height and width"));
  for (const int c : o.crop_size) {
    if (c < 1 || c > kMostCrop) return Unexpected(usage_error("--crop_size", std::to_string(c), "1 to 8192"));
  }
  for (const int r : o.atrous_rates) {
    if (r < 1 || r > 1024) return Unexpected(usage_error("--atrous_rates", std::to_string(r), "1 to 1024"));
  }
  if (o.argmax_output_type != "int64" && o.argmax_output_type != "int32") {
    return Unexpected(usage_error("--argmax_output_type", printable(o.argmax_output_type), "int64 or int32"));
  }
  for (const int filters :
       {o.decoder_filters.value_or(1), o.aspp_convs_filters.value_or(1), o.num_classes.value_or(1)}) {
    if (filters < 1 || filters > 65536)
      return Unexpected(usage_error("export", std::to_string(filters) + " filters or classes", "1 to 65536"));
  }
  return {};
}

conversion::ExportRequest request_of(const ExportOptions& o, const tensorflow::Checkpoint& checkpoint,
                                     std::vector<std::string>& remarks) {
  conversion::ExportRequest r;
  if (o.model_variant == "mobilenet_edgetpu") r.net.backbone = nets::Backbone::mobilenet_edgetpu;
  r.net.depth_multiplier = o.depth_multiplier;
  r.net.crop_height = o.crop_size.empty() ? kDefaultCrop : o.crop_size.front();
  r.net.crop_width = o.crop_size.empty() ? kDefaultCrop : o.crop_size.back();
  r.net.classes = o.num_classes.value_or(conversion::classes_of(checkpoint).value_or(kDefaultClasses));
  if (!o.num_classes && r.net.classes != kDefaultClasses)
    remarks.push_back(fmt::format("{} classes, as the checkpoint's last layer has", r.net.classes));
  r.net.aspp_filters = o.aspp_convs_filters.value_or(conversion::aspp_filters_of(checkpoint).value_or(kDefaultFilters));
  if (!o.output_stride) {
    remarks.push_back(
        "output_stride 8 is export_model.py's default; most MobileNet v2 checkpoints were trained with 16: "
        "--output_stride=16");
  }
  r.net.output_stride = o.output_stride.value_or(kDefaultStride);
  r.net.atrous_rates = o.atrous_rates;
  r.net.decoder_output_stride = o.decoder_output_stride;
  r.net.decoder_filters =
      o.decoder_filters.value_or(conversion::decoder_filters_of(checkpoint).value_or(kDefaultFilters));
  r.net.add_image_level_feature = o.add_image_level_feature;
  r.quantize = o.quantize_delay_step >= 0;
  r.align_corners = o.resize_align_corners;
  r.argmax_int32 = o.argmax_output_type == "int32";
  r.scales = o.inference_scales;
  r.add_flipped = o.add_flipped_images;
  if (r.quantize && (r.scales != std::vector<double>{1.0} || r.add_flipped)) {
    remarks.push_back(
        "training left no ranges for the probabilities of several views: `convert` asks for them "
        "(--default_ranges_min and _max), or export float");
  }
  if (!r.align_corners) {
    remarks.push_back(
        "trained weights expect align_corners: without it every mask shifts; `monolite legalize` keeps them and makes "
        "the resizes delegable");
  }
  return r;
}

}  // namespace

Expected<conversion::Exported> exported_graph(const ExportOptions& options) {
  ML_TRY(check(options));
  ML_ASSIGN(const tensorflow::Checkpoint checkpoint, tensorflow::Checkpoint::open(options.checkpoint_path));
  std::vector<std::string> remarks;
  const conversion::ExportRequest request = request_of(options, checkpoint, remarks);
  ML_ASSIGN(conversion::Exported exported, conversion::export_deeplab(checkpoint, request));
  exported.remarks.insert(exported.remarks.begin(), remarks.begin(), remarks.end());
  return exported;
}

Expected<ExportReport> export_model(const ExportOptions& options) {
  if (options.export_path.empty()) return Unexpected(usage_error("export", "no --export_path", "the .pb to write"));
  ML_ASSIGN(const conversion::Exported exported, exported_graph(options));
  ExportReport report;
  const std::filesystem::path path = options.export_path;
  if (path.has_parent_path()) ML_TRY(make_folder(path.parent_path().string()));
  if (path.extension() == ".pbtxt") {
    ML_ASSIGN(const std::string text, tensorflow::print_graph_def(exported.graph));
    ML_TRY(write_file(options.export_path, text));
    report.bytes = static_cast<int64_t>(text.size());
  } else {
    ML_ASSIGN(const std::vector<std::byte> bytes, tensorflow::serialize_graph_def(exported.graph));
    ML_TRY(write_file(options.export_path, bytes));
    report.bytes = static_cast<int64_t>(bytes.size());
  }
  if (options.save_inference_graph) {
    ML_ASSIGN(const std::string text, tensorflow::print_graph_def(exported.graph));
    ML_TRY(write_file((path.parent_path() / "inference_graph.pbtxt").string(), text));
  }
  report.file = options.export_path;
  report.nodes = static_cast<int64_t>(exported.graph.nodes.size());
  report.remarks = exported.remarks;
  return report;
}

}  // namespace monolite
