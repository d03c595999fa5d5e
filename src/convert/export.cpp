#include "convert/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "convert/checkpoint_fit.h"
#include "convert/graph_writer.h"
#include "nets/net.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
using nets::Activation;
using nets::Layer;
using nets::LayerKind;
using Attrs = GraphWriter::Attrs;
using Dims = std::vector<int64_t>;

constexpr size_t kMostNameBytes = 1 << 16;

class Exporter {
 public:
  Exporter(const tf::Checkpoint& checkpoint, const ExportRequest& request)
      : checkpoint_(checkpoint), r_(request), net_(nets::deeplab(request.net)) {}

  Expected<Exported> run() {
    ML_ASSIGN(std::vector<std::string> remarks, fit(checkpoint_, r_, net_));
    const std::string picture = w_.float_node(net_.input_name, "Identity", {preprocess()});
    if (r_.scales == std::vector<double>{1.0} && !r_.add_flipped) {
      ML_ASSIGN(const std::string logits, add_net(picture));
      postprocess(resize("ResizeBilinear_2", logits, r_.net.crop_height, r_.net.crop_width));
    } else {
      ML_ASSIGN(const std::string probabilities, add_views(picture));
      postprocess(probabilities);
    }
    Exported e{w_.take(), std::move(remarks)};
    e.graph.producer = 134;  // TensorFlow 1.15's; older fields only
    return e;
  }

 private:
  // The net of this view behind a picture: its logits.
  Expected<std::string> add_net(const std::string& picture) {
    names_.clear();
    source_ = picture;
    for (const Layer& l : net_.layers) {
      ML_ASSIGN(std::string name, add_layer(l));
      if (!l.end_point.empty()) name = w_.float_node(view_ + l.end_point, "Identity", {name});
      names_.push_back(std::move(name));
    }
    return names_.back();
  }

  // The sum of all views' probabilities, at the crop's extents: its largest is that of their mean.
  Expected<std::string> add_views(const std::string& picture) {
    std::string sum;
    int count = 0;
    const auto add = [&](const std::string& view, const std::string& logits) {
      const std::string large = resize(view + "ResizeBilinear_2", logits, r_.net.crop_height, r_.net.crop_width);
      const std::string softmax = w_.float_node(view + "Softmax", "Softmax", {large});
      sum = sum.empty() ? softmax : w_.float_node(view + "sum", "AddV2", {sum, softmax});
    };
    const auto mirrored = [&](const std::string& name, const std::string& x) {
      return w_.float_node(name, "ReverseV2", {x, w_.ints(name + "/axis", {1}, {2})}, {{"Tidx", tf::DataType::int32}});
    };
    for (const double scale : r_.scales) {
      net_ = scaled_net(scale);
      view_ = count == 0 ? "" : fmt::format("view_{}/", count);
      ++count;
      const int height = nets::scale_extent(r_.net.crop_height, scale);
      const int width = nets::scale_extent(r_.net.crop_width, scale);
      const std::string scaled = scale == 1.0 ? picture : resize(view_ + "scaled", picture, height, width);
      ML_ASSIGN(const std::string logits, add_net(scaled));
      add(view_, logits);
      if (!r_.add_flipped) continue;
      view_ = fmt::format("view_{}/", count);
      ++count;
      ML_ASSIGN(const std::string flipped, add_net(mirrored(view_ + "ReverseV2", scaled)));
      add(view_, mirrored(view_ + "ReverseV2_1", flipped));
    }
    view_.clear();
    return sum;
  }

  // The net for a picture of another size; its logits as large as the picture's own would be, or larger.
  nets::Net scaled_net(double scale) const {
    nets::DeepLabOptions o = r_.net;
    o.crop_height = nets::scale_extent(r_.net.crop_height, scale);
    o.crop_width = nets::scale_extent(r_.net.crop_width, scale);
    nets::Net net = nets::deeplab(o);
    const double factor = std::max(1.0, scale) / o.decoder_output_stride.value_or(o.output_stride);
    net.layers.back().height = nets::scale_extent(r_.net.crop_height, factor);
    net.layers.back().width = nets::scale_extent(r_.net.crop_width, factor);
    return net;
  }

  std::string input(const Layer& l, size_t i) const {
    return l.inputs[i] == nets::kNetInput ? source_ : names_[static_cast<size_t>(l.inputs[i])];
  }

  // Views share their variables.
  Expected<std::string> variable(const std::string& name) {
    if (const auto known = variables_.find(name); known != variables_.end()) return known->second;
    ML_ASSIGN(tf::Tensor value, checkpoint_.read(name));
    return variables_[name] = w_.variable(name, std::move(value));
  }

  // ImageTensor -> the picture padded to the crop with its mean, scaled to -1..1.
  std::string preprocess() {
    const auto f32 = tf::DataType::float32;
    w_.node("ImageTensor", "Placeholder", {},
            {{"dtype", tf::DataType::uint8}, {"shape", tf::PartialShape{true, {1, -1, -1, 3}}}});
    w_.node("Shape", "Shape", {"ImageTensor"}, {{"T", tf::DataType::uint8}, {"out_type", tf::DataType::int32}});
    w_.element("strided_slice", "Shape", 1, 3, false);  // the picture's own size
    w_.node("Squeeze", "Squeeze", {"ImageTensor"},
            {{"T", tf::DataType::uint8}, {"squeeze_dims", std::vector<int64_t>{0}}});
    w_.node("Cast", "Cast", {"Squeeze"}, {{"SrcT", tf::DataType::uint8}, {"DstT", f32}, {"Truncate", false}});
    w_.float_node("Shape_1", "Shape", {"Cast"}, {{"out_type", tf::DataType::int32}});
    const auto grown_by = [&](int axis, int crop, const std::string& suffix) {
      const std::string extent = w_.element("extent" + suffix, "Shape_1", axis, axis + 1, true);
      const std::string missing =
          w_.int_node("sub" + suffix, "Sub", {w_.ints("sub" + suffix + "/x", {}, {crop}), extent});
      return w_.int_node("Maximum" + suffix, "Maximum", {missing, w_.ints("Maximum" + suffix + "/y", {}, {0})});
    };
    const std::string down = grown_by(0, r_.net.crop_height, ""), right = grown_by(1, r_.net.crop_width, "_1");
    const std::string mean = w_.floats("mean_pixel", {1, 1, 3}, {127.5f, 127.5f, 127.5f});
    const std::string scope = "pad_to_bounding_box/";
    w_.float_node(scope + "sub", "Sub", {"Cast", mean});
    const auto pair = [&](const std::string& name, const std::string& after) {
      return w_.int_node(scope + name, "Pack", {w_.ints(scope + name + "/0", {}, {0}), after},
                         {{"N", int64_t{2}}, {"axis", int64_t{0}}});
    };
    const std::string none = w_.ints(scope + "stack", {2}, {0, 0});
    const std::string rows = pair("stack_1", down), columns = pair("stack_2", right);
    w_.int_node(scope + "stack_3", "Pack", {rows, columns, none}, {{"N", int64_t{3}}, {"axis", int64_t{0}}});
    w_.float_node(scope + "Pad", "Pad", {scope + "sub", scope + "stack_3"}, {{"Tpaddings", tf::DataType::int32}});
    w_.float_node(scope + "add", "AddV2", {scope + "Pad", mean});
    // Pictures larger than the crop would pass as they are; the net's own extents are the crop's.
    w_.float_node("Reshape", "Reshape",
                  {scope + "add", w_.ints("Reshape/shape", {4}, {1, r_.net.crop_height, r_.net.crop_width, 3})},
                  {{"Tshape", tf::DataType::int32}});
    w_.float_node("mul", "Mul", {w_.floats("mul/x", {}, {2.0f / 255.0f}), "Reshape"});
    return w_.float_node("sub_2", "Sub", {"mul", w_.floats("sub_2/y", {}, {1.0f})});
  }

  Expected<std::string> add_layer(const Layer& l) {
    switch (l.kind) {
      case LayerKind::convolution:
      case LayerKind::depthwise:
        return add_convolution(l);
      case LayerKind::add: {
        const std::string sum = w_.float_node(view_ + l.name, "AddV2", {input(l, 0), input(l, 1)});
        return fake_quant(l.range_scope, sum, false);
      }
      case LayerKind::average_pool: {
        const int in = l.inputs[0];
        return w_.float_node(view_ + l.name, "AvgPool", {input(l, 0)},
                             {{"ksize", Dims{1, net_.height_of(in), net_.width_of(in), 1}},
                              {"strides", Dims{1, 1, 1, 1}},
                              {"padding", std::string("VALID")},
                              {"data_format", std::string("NHWC")}});
      }
      case LayerKind::resize:
        return resize(view_ + l.name, input(l, 0), l.height, l.width);
      case LayerKind::concat: {
        std::vector<std::string> inputs;
        for (size_t i = 0; i < l.inputs.size(); ++i) inputs.push_back(input(l, i));
        inputs.push_back(w_.ints(view_ + l.name + "/axis", {}, {3}));
        return w_.float_node(view_ + l.name, "ConcatV2", inputs,
                             {{"N", static_cast<int64_t>(l.inputs.size())}, {"Tidx", tf::DataType::int32}});
      }
    }
    return Unexpected(Error{ErrorKind::internal, l.name, "a layer of no kind", "", ""});
  }

  std::string resize(const std::string& name, const std::string& in, int height, int width) {
    return w_.float_node(name, "ResizeBilinear", {in, w_.ints(name + "/size", {2}, {height, width})},
                         {{"align_corners", r_.align_corners}, {"half_pixel_centers", false}});
  }

  // FakeQuant with the ranges that training has left under `scope`; `x` itself for a float export.
  Expected<std::string> fake_quant(const std::string& scope, const std::string& x, bool narrow) {
    if (!r_.quantize) return x;
    ML_ASSIGN(const std::string min, variable(scope + "/min"));
    ML_ASSIGN(const std::string max, variable(scope + "/max"));
    return w_.node(view_ + scope + "/FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVars", {x, min, max},
                   {{"num_bits", int64_t{8}}, {"narrow_range", narrow}});
  }

  // A filter's channels are the last axis of what the per-channel node takes; a depthwise filter has them in the last
  // but one.
  Expected<std::string> fake_quant_filter(const Layer& l, const std::string& filter) {
    const std::string ranges = l.name + "/weights_quant", scope = view_ + ranges;
    if (!r_.quantize || !has_channel_ranges(checkpoint_, l)) return fake_quant(ranges, filter, true);
    ML_ASSIGN(const std::string min, variable(ranges + "/min"));
    ML_ASSIGN(const std::string max, variable(ranges + "/max"));
    const auto reshape = [&](const std::string& name, const std::string& x, std::vector<int32_t> dims) {
      const auto rank = static_cast<int64_t>(dims.size());
      return w_.float_node(name, "Reshape", {x, w_.ints(name + "/shape", {rank}, std::move(dims))},
                           {{"Tshape", tf::DataType::int32}});
    };
    const bool depthwise = l.kind == LayerKind::depthwise;
    const std::string x =
        depthwise ? reshape(scope + "/channels_last", filter, {l.kernel * l.kernel, l.channels}) : filter;
    const std::string y = w_.node(scope + "/FakeQuantWithMinMaxVarsPerChannel", "FakeQuantWithMinMaxVarsPerChannel",
                                  {x, min, max}, {{"num_bits", int64_t{8}}, {"narrow_range", true}});
    return depthwise ? reshape(scope + "/filter", y, {l.kernel, l.kernel, l.channels, 1}) : y;
  }

  // What a layer multiplies with, and adds where its batch norm is folded in. Views share it.
  struct Filter {
    std::string weights, offset;
  };
  Expected<Filter> filter_of(const Layer& l) {
    if (const auto known = filters_.find(l.name); known != filters_.end()) return known->second;
    Filter f;
    ML_ASSIGN(f.weights, variable(nets::filter_name(l)));
    if (l.batch_norm_epsilon > 0 && r_.quantize) ML_TRY(fold_batch_norm(l, f.weights, f.offset));
    ML_ASSIGN(f.weights, fake_quant_filter(l, f.weights));
    return filters_[l.name] = f;
  }

  Expected<std::string> add_convolution(const Layer& l) {
    ML_ASSIGN(const Filter filter, filter_of(l));
    const std::string name = view_ + l.name;
    const bool has_batch_norm = l.batch_norm_epsilon > 0, folds = has_batch_norm && r_.quantize;
    std::string x = convolve(l, filter.weights, folds ? "_Fold" : "");
    if (folds) {
      x = w_.float_node(name + "/add_fold", "AddV2", {x, filter.offset});
    } else if (has_batch_norm) {
      ML_ASSIGN(x, add_batch_norm(l, x));
    } else {
      ML_ASSIGN(const std::string bias, variable(l.name + "/biases"));
      x = w_.float_node(name + "/BiasAdd", "BiasAdd", {x, bias}, {{"data_format", std::string("NHWC")}});
    }
    if (l.activation == Activation::relu) x = w_.float_node(name + "/Relu", "Relu", {x});
    if (l.activation == Activation::relu6) x = w_.float_node(name + "/Relu6", "Relu6", {x});
    return fake_quant(l.name + "/act_quant", x, false);
  }

  std::string convolve(const Layer& l, const std::string& filter, const std::string& suffix) {
    const bool depthwise = l.kind == LayerKind::depthwise;
    const std::string name = view_ + l.name + (depthwise ? "/depthwise" : "/Conv2D");
    Attrs attrs{{"strides", Dims{1, l.stride, l.stride, 1}},
                {"dilations", Dims{1, 1, 1, 1}},
                {"padding", std::string("SAME")},
                {"data_format", std::string("NHWC")}};
    if (!depthwise) attrs["use_cudnn_on_gpu"] = true;
    const std::string op = depthwise ? "DepthwiseConv2dNative" : "Conv2D";
    if (l.rate == 1) return w_.float_node(name + suffix, op, {input(l, 0), filter}, attrs);
    // Holes as TensorFlow 1 makes them: the picture's phases side by side in the batch.
    const std::string block = w_.ints(name + "/SpaceToBatchND/block_shape", {2}, {l.rate, l.rate});
    std::vector<int32_t> paddings, crops;
    for (const int extent : {net_.height_of(l.inputs[0]), net_.width_of(l.inputs[0])}) {
      const int total = l.rate * (l.kernel - 1), before = total / 2;
      const int extra = (l.rate - (extent + total) % l.rate) % l.rate;
      paddings.insert(paddings.end(), {before, total - before + extra});
      crops.insert(crops.end(), {0, extra});
    }
    const std::string phases =
        w_.float_node(name + "/SpaceToBatchND", "SpaceToBatchND",
                      {input(l, 0), block, w_.ints(name + "/SpaceToBatchND/paddings", {2, 2}, paddings)},
                      {{"Tblock_shape", tf::DataType::int32}, {"Tpaddings", tf::DataType::int32}});
    attrs["padding"] = std::string("VALID");
    const std::string x = w_.float_node(name + suffix, op, {phases, filter}, attrs);
    return w_.float_node(name + "/BatchToSpaceND" + suffix, "BatchToSpaceND",
                         {x, block, w_.ints(name + "/BatchToSpaceND/crops", {2, 2}, crops)},
                         {{"Tblock_shape", tf::DataType::int32}, {"Tcrops", tf::DataType::int32}});
  }

  Expected<std::string> add_batch_norm(const Layer& l, const std::string& x) {
    std::vector<std::string> inputs{x};
    for (const char* part : {"gamma", "beta", "moving_mean", "moving_variance"}) {
      ML_ASSIGN(std::string value, variable(l.name + "/BatchNorm/" + part));
      inputs.push_back(std::move(value));
    }
    return w_.float_node(
        view_ + l.name + "/BatchNorm/FusedBatchNorm", "FusedBatchNorm", std::move(inputs),
        {{"epsilon", l.batch_norm_epsilon}, {"is_training", false}, {"data_format", std::string("NHWC")}});
  }

  // The filter times gamma / sqrt(variance + epsilon), and what that leaves to add: the form in which the ranges of
  // filters were trained.
  Expected<void> fold_batch_norm(const Layer& l, std::string& filter, std::string& offset) {
    const std::string scope = l.name + "/BatchNorm_Fold/";
    ML_ASSIGN(const std::string gamma, variable(l.name + "/BatchNorm/gamma"));
    ML_ASSIGN(const std::string beta, variable(l.name + "/BatchNorm/beta"));
    ML_ASSIGN(const std::string mean, variable(l.name + "/BatchNorm/moving_mean"));
    ML_ASSIGN(const std::string variance, variable(l.name + "/BatchNorm/moving_variance"));
    w_.float_node(scope + "add", "AddV2", {variance, w_.floats(scope + "add/y", {}, {l.batch_norm_epsilon})});
    w_.float_node(scope + "Rsqrt", "Rsqrt", {scope + "add"});
    std::string scale = w_.float_node(scope + "mul", "Mul", {gamma, scope + "Rsqrt"});
    w_.float_node(scope + "mul_1", "Mul", {mean, scale});
    offset = w_.float_node(scope + "bias", "Sub", {beta, scope + "mul_1"});
    if (l.kind == LayerKind::depthwise) {
      scale = w_.float_node(scope + "scale_reshape", "Reshape",
                            {scale, w_.ints(scope + "scale_reshape/shape", {2}, {l.channels, 1})},
                            {{"Tshape", tf::DataType::int32}});
    }
    filter = w_.float_node(l.name + "/mul_fold", "Mul", {filter, scale});
    return {};
  }

  // Scores of the crop's pixels -> labels -> labels of the picture's own size.
  void postprocess(const std::string& upscaled) {
    const auto label = r_.argmax_int32 ? tf::DataType::int32 : tf::DataType::int64;
    w_.float_node("ArgMax", "ArgMax", {upscaled, w_.ints("ArgMax/dimension", {}, {3})},
                  {{"Tidx", tf::DataType::int32}, {"output_type", label}});
    w_.node("Cast_1", "Cast", {"ArgMax"}, {{"SrcT", label}, {"DstT", tf::DataType::float32}, {"Truncate", false}});
    const std::string height = w_.element("strided_slice_7", "Shape_1", 0, 1, true),
                      width = w_.element("strided_slice_8", "Shape_1", 1, 2, true);
    w_.int_node("Slice/size", "Pack", {w_.ints("Slice/size/0", {}, {1}), height, width},
                {{"N", int64_t{3}}, {"axis", int64_t{0}}});
    w_.float_node("Slice", "Slice", {"Cast_1", w_.ints("Slice/begin", {3}, {0, 0, 0}), "Slice/size"},
                  {{"Index", tf::DataType::int32}});
    w_.float_node("ExpandDims_1", "ExpandDims", {"Slice", w_.ints("ExpandDims_1/dim", {}, {3})},
                  {{"Tdim", tf::DataType::int32}});
    w_.float_node("ResizeNearestNeighbor", "ResizeNearestNeighbor", {"ExpandDims_1", "strided_slice"},
                  {{"align_corners", true}, {"half_pixel_centers", false}});
    w_.float_node("Squeeze_1", "Squeeze", {"ResizeNearestNeighbor"}, {{"squeeze_dims", std::vector<int64_t>{3}}});
    w_.node("Cast_2", "Cast", {"Squeeze_1"},
            {{"SrcT", tf::DataType::float32}, {"DstT", tf::DataType::int32}, {"Truncate", false}});
    Attrs attrs;
    if (std::string names = class_names(); !names.empty()) attrs[nets::kClassNamesAttribute] = std::move(names);
    w_.int_node("SemanticPredictions", "Identity", {"Cast_2"}, std::move(attrs));
  }

  // As training wrote them, one a line; "" where there are none, or not one for each class.
  std::string class_names() const {
    if (!checkpoint_.has(nets::kClassNamesVariable)) return {};
    const auto value = checkpoint_.read(nets::kClassNamesVariable);
    if (!value || value->dtype != tf::DataType::uint8 || value->data.size_bytes() > kMostNameBytes) return {};
    std::string text(reinterpret_cast<const char*>(value->data.data()), value->data.size_bytes());
    const auto lines = std::count(text.begin(), text.end(), '\n');
    return lines == r_.net.classes ? text : std::string();
  }

  const tf::Checkpoint& checkpoint_;
  const ExportRequest& r_;
  nets::Net net_;
  GraphWriter w_;
  std::string view_, source_;  // of the view at hand: prefix of its nodes, its picture
  std::map<std::string, std::string, std::less<>> variables_;
  std::map<std::string, Filter, std::less<>> filters_;
  std::vector<std::string> names_;
};

}  // namespace

Expected<Exported> export_deeplab(const tf::Checkpoint& checkpoint, const ExportRequest& request) {
  return Exporter(checkpoint, request).run();
}

}  // namespace monolite::conversion
