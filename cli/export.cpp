#include "monolite/export.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "json.h"
#include "post_training_flags.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

// The flag may be given several times, or once with commas.
Expected<void> append_ints(const std::string& text, std::vector<int>& to) {
  for (const auto& part : split(text, ',')) {
    int value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size()) {
      return Unexpected(usage_error("", printable(part), "a whole number"));
    }
    to.push_back(value);
  }
  return {};
}

}  // namespace

int export_(Args& args) {
  ExportOptions o;
  std::vector<double> scales;
  args.flag("checkpoint_path", o.checkpoint_path, "PATH", "the checkpoint: model.ckpt-30000, or its folder")
      .flag("export_path", o.export_path, "FILE", "the frozen graph to write, .pb or .pbtxt")
      .flag("model_variant", o.model_variant, "NAME", "mobilenet_v2 or mobilenet_edgetpu")
      .flag("depth_multiplier", o.depth_multiplier, "NUMBER", "of the backbone's channels (default 1.0)")
      .flag("num_classes", o.num_classes, "N", "default: as the checkpoint has")
      .flag("crop_size", "N", "height and width, twice or with a comma (default 513)",
            [&o](const std::string& t) { return append_ints(t, o.crop_size); })
      .flag("output_stride", o.output_stride, "N", "8 (default), 16 or 32: use what it was trained with")
      .flag("atrous_rates", "N", "rates of the ASPP branches, several times or with commas",
            [&o](const std::string& t) { return append_ints(t, o.atrous_rates); })
      .flag("decoder_output_stride", o.decoder_output_stride, "N", "4: with the decoder of v3+")
      .flag("aspp_convs_filters", o.aspp_convs_filters, "N", "default: as the checkpoint has")
      .flag("decoder_filters", o.decoder_filters, "N", "default: as the checkpoint has")
      .flag("add_image_level_feature", o.add_image_level_feature, "with image pooling (default true)")
      .flag("quantize_delay_step", o.quantize_delay_step, "N", "0 or more: with FakeQuant nodes, for uint8")
      .flag("inference_scales", "NUMBER", "several times: the mean of the picture at these scales (default 1.0)",
            [&scales](const std::string& t) { return append_numbers(t, scales); })
      .flag("add_flipped_images", o.add_flipped_images, "and of each one mirrored")
      .flag("save_inference_graph", o.save_inference_graph, "also write inference_graph.pbtxt beside it")
      .flag("resize_align_corners", o.resize_align_corners, "false: for weights trained so")
      .flag("argmax_output_type", o.argmax_output_type, "TYPE", "int64 (default) or int32")
      .ignored({"logtostderr", "alsologtostderr", "master", "image_pooling_crop_size"})
      .example(
          "monolite export --checkpoint_path=model.ckpt-30000 --export_path=frozen_inference_graph.pb "
          "--output_stride=16")
      .example(
          "monolite export --checkpoint_path=model.ckpt --export_path=quant.pb --output_stride=16 "
          "--quantize_delay_step=0");
  if (const auto code = args.parse()) return *code;
  if (!scales.empty()) o.inference_scales = scales;
  const auto report = monolite::export_model(o);
  if (!report) return args.fail(report.error());
  for (const auto& remark : report->remarks) args.remark("note: " + remark);
  if (args.json()) {
    print_json(
        {{"file", report->file}, {"bytes", report->bytes}, {"nodes", report->nodes}, {"remarks", report->remarks}});
    return kYes;
  }
  fmt::print("{}: {} nodes, {:.2f} MB\n", report->file, report->nodes, static_cast<double>(report->bytes) / 1e6);
  return kYes;
}

}  // namespace monolite::cli
