#include "convert/checkpoint_fit.h"

#include <fmt/format.h>

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
using nets::Layer;

constexpr const char* kLogits = "logits/semantic/weights";

// The last extent of a variable.
std::optional<int> innermost(const tf::Checkpoint& c, const char* name) {
  const auto it = c.variables().find(name);
  if (it == c.variables().end() || it->second.dims.empty() || it->second.dims.back() > (1 << 20)) return {};
  return static_cast<int>(it->second.dims.back());
}

// The multiplier that gives the first layer so many filters: a published one where it does.
double multiplier_of(int filters) {
  for (const double m : {1.0, 0.75, 0.5, 0.35, 0.25, 1.3, 1.4}) {
    const int divisor = m == 1.0 ? 8 : 1;
    if (nets::make_divisible(32 * m, divisor, divisor) == filters) return m;
  }
  return filters / 32.0;
}

class Fit {
 public:
  Fit(const tf::Checkpoint& checkpoint, const ExportRequest& request, const nets::Net& net)
      : checkpoint_(checkpoint), r_(request), net_(net) {}

  // All at once, so that a wrong flag is seen as one, not as its first victim.
  Expected<std::vector<std::string>> run() const {
    size_t wrong = 0, total = 0;
    std::string first;
    bool ranges_missing = true;
    for (const Layer& l : net_.layers) {
      for (const auto& v : nets::variables(net_, l, r_.quantize, has_channel_ranges(checkpoint_, l))) {
        ++total;
        const auto it = checkpoint_.variables().find(v.name);
        const bool is_range = v.name.find("_quant/m") != std::string::npos;
        if (is_range && it != checkpoint_.variables().end()) ranges_missing = false;
        if (it != checkpoint_.variables().end() && it->second.dims == v.dims &&
            it->second.dtype == tf::DataType::float32)
          continue;
        if (wrong++ == 0) {
          first = it == checkpoint_.variables().end()
                      ? fmt::format("no variable {} (expected {})", v.name, tf::to_string(v.dims))
                      : fmt::format("variable {}: {} {} instead of float32 {}", v.name, tf::name(it->second.dtype),
                                    tf::to_string(it->second.dims), tf::to_string(v.dims));
        }
      }
    }
    if (wrong == 0) return unused();
    const std::string more = wrong > 1 ? fmt::format(", and {} more of {} do not fit", wrong - 1, total) : "";
    return Unexpected(
        input_error(checkpoint_.prefix(), first + more,
                    fmt::format("DeepLab over {}, multiplier {}, {} classes{}", backbone(), r_.net.depth_multiplier,
                                r_.net.classes, r_.quantize ? ", trained with quantization" : ""),
                    hint(ranges_missing)));
  }

 private:
  std::string backbone() const {
    return r_.net.backbone == nets::Backbone::mobilenet_v2 ? "MobileNet v2" : "MobileNet-EdgeTPU";
  }

  std::string hint(bool ranges_missing) const {
    const bool is_other = !checkpoint_.has(nets::filter_name(net_.layers.front()));
    if (is_other && checkpoint_.has("MobilenetEdgeTPU/Conv/weights")) return "--model_variant=mobilenet_edgetpu";
    if (is_other && checkpoint_.has("MobilenetV2/Conv/weights")) return "--model_variant=mobilenet_v2";
    const auto classes = classes_of(checkpoint_);
    if (classes && *classes != r_.net.classes)
      return fmt::format("its last layer has {} classes: --num_classes={}", *classes, *classes);
    const auto filters = innermost(checkpoint_, nets::filter_name(net_.layers.front()).c_str());
    const int own = net_.layers.front().channels;
    if (filters && *filters != own) {
      return fmt::format("its first layer has {} filters, not {}: --depth_multiplier={:.3g}", *filters, own,
                         multiplier_of(*filters));
    }
    const auto aspp = aspp_filters_of(checkpoint_);
    if (aspp && *aspp != r_.net.aspp_filters) return fmt::format("--aspp_convs_filters={}", *aspp);
    if (const size_t branches = aspp_branches(); branches != r_.net.atrous_rates.size()) {
      return branches == 0 ? "it has no ASPP branches with rates: leave --atrous_rates out"
                           : fmt::format(
                                 "it has {} ASPP branches with rates: give --atrous_rates as in training, such "
                                 "as 6, 12 and 18 for output stride 16",
                                 branches);
    }
    if (r_.quantize && ranges_missing) return "it was trained without quantization: leave --quantize_delay_step out";
    if (checkpoint_.has("decoder/feature_projection0/weights") != r_.net.decoder_output_stride.has_value()) {
      return r_.net.decoder_output_stride ? "it has no decoder: leave --decoder_output_stride out"
                                          : "it has a decoder: --decoder_output_stride=4";
    }
    return "check --depth_multiplier, --num_classes, --atrous_rates and --model_variant against how it was trained";
  }

  size_t aspp_branches() const {
    size_t count = 0;
    while (checkpoint_.has(fmt::format("aspp{}_depthwise/depthwise_weights", count + 1))) ++count;
    return count;
  }

  std::vector<std::string> unused() const {
    std::vector<std::string> remarks;
    if (!r_.quantize && checkpoint_.has(net_.layers.front().name + "/weights_quant/min")) {
      remarks.push_back(
          "the checkpoint holds trained ranges, exporting float: add --quantize_delay_step=0 to use them");
    }
    if (!r_.net.decoder_output_stride && checkpoint_.has("decoder/feature_projection0/weights")) {
      remarks.push_back(
          "the checkpoint has a decoder that this export leaves out: add --decoder_output_stride=4 to use it");
    }
    if (r_.net.atrous_rates.empty() && checkpoint_.has("aspp1_depthwise/depthwise_weights")) {
      remarks.push_back("the checkpoint has ASPP branches that this export leaves out: add --atrous_rates to use them");
    }
    return remarks;
  }

  const tf::Checkpoint& checkpoint_;
  const ExportRequest& r_;
  const nets::Net& net_;
};

}  // namespace

Expected<std::vector<std::string>> fit(const tf::Checkpoint& checkpoint, const ExportRequest& request,
                                       const nets::Net& net) {
  return Fit(checkpoint, request, net).run();
}

bool has_channel_ranges(const tf::Checkpoint& checkpoint, const Layer& layer) {
  const auto it = checkpoint.variables().find(layer.name + "/weights_quant/min");
  return it != checkpoint.variables().end() && it->second.dims == std::vector<int64_t>{layer.channels};
}

std::optional<int> classes_of(const tf::Checkpoint& checkpoint) { return innermost(checkpoint, kLogits); }

std::optional<int> aspp_filters_of(const tf::Checkpoint& checkpoint) { return innermost(checkpoint, "aspp0/weights"); }

std::optional<int> decoder_filters_of(const tf::Checkpoint& checkpoint) {
  return innermost(checkpoint, "decoder/decoder_conv0_pointwise/weights");
}

}  // namespace monolite::conversion
