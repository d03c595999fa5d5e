// monolite-train: research/deeplab's train.py, flag by flag.

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "args.h"
#include "base/text.h"
#include "dataset.h"
#include "launch.h"
#include "progress.h"
#include "trainer.h"

namespace monolite::train {
namespace {

std::atomic<bool> stop_requested{false};

extern "C" void request_stop(int) {
  // The second time the user means it.
  if (stop_requested.exchange(true)) ::_exit(130);
}

template <class T>
Expected<std::vector<T>> parse_list(const std::string& text) {
  std::vector<T> values;
  for (const auto& part : split(text, ',')) {
    T value{};
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size())
      return Unexpected(usage_error("", "\"" + printable(part) + "\"", "numbers with commas"));
    values.push_back(value);
  }
  return values;
}

template <class T>
std::function<Expected<void>(const std::string&)> append_to(std::vector<T>& to) {
  return [&to](const std::string& text) -> Expected<void> {
    ML_ASSIGN(const auto values, parse_list<T>(text));
    to.insert(to.end(), values.begin(), values.end());
    return {};
  };
}

// Takes a flag's value only where it is the one that is done here: the others of train.py are refused, not dropped.
std::function<Expected<void>(const std::string&)> only(const std::string& known) {
  return [known](const std::string& text) -> Expected<void> {
    if (text == known) return {};
    return Unexpected(usage_error("", "\"" + printable(text) + "\"", known + ": nothing else is done yet"));
  };
}

struct Flags {
  TrainOptions o;
  std::string model_variant = "mobilenet_v2", dataset, dataset_dir, images, masks, train_split = "train",
              validation_split = "val";
  std::string optimizer = "momentum", learning_policy = "poly";
  std::vector<int> crop;
  double adam_learning_rate = 0.001;
  int training_number_of_steps = 30000, slow_start_step = 0, decay_steps = 0, learning_rate_decay_step = 2000;
  int quantize_delay_step = -1, freeze_bn_delay = -1, save_interval_steps = 0, seed = 1;
  int num_threads = 0, num_clones = 1, num_classes = 0;
  std::optional<int> decoder_output_stride, ignore_label;
  data::LabelMap label_map;
};

void declare_recipe(cli::Args& args, Flags& f) {
  TrainOptions& o = f.o;
  args.flag("train_logdir", o.logdir, "DIR", "checkpoints and train.csv; a checkpoint in it is gone on with")
      .flag("resume", o.must_resume, "there must be a checkpoint in --train_logdir")
      .flag("dataset", f.dataset, "NAME",
            "scenes (made as it goes), pascal_voc_seg, cityscapes, ade20k, or the folder of any set")
      .flag("dataset_dir", f.dataset_dir, "DIR",
            "its folder: TFRecords, dataset.json, or the layout of PASCAL VOC, Cityscapes or ADE20K")
      .flag("images", f.images, "DIR", "with --masks: pictures, and masks of the same names; needs --num_classes")
      .flag("masks", f.masks, "DIR", "palette or grey PNGs, pixels are labels")
      .flag("ignore_label", f.ignore_label, "N", "pixels that do not count; -1: all do (default: as the data set has)")
      .flag("label_map", "MAP",
            "other numbers for the data's labels: 7=0,8=1,*=ignore; cityscapes; ade20k-mlperf (32 classes)",
            [&f](const std::string& text) -> Expected<void> {
              auto map = data::LabelMap::parse(text);
              // The flag is named already.
              if (!map) return Unexpected(usage_error("", map.error().found, map.error().expected));
              f.label_map = *map;
              return {};
            })
      .flag("train_split", f.train_split, "NAME", "default train")
      .flag("train_crop_size", "H,W", "default 513,513", append_to(f.crop))
      .flag("train_batch_size", o.feed.batch_size, "N", "default 8; with trained batch norms 12 or more")
      .flag("training_number_of_steps", f.training_number_of_steps, "N", "default 30000")
      .flag("tf_initial_checkpoint", o.initial_checkpoint, "PATH", "weights to begin with; TensorFlow's or ours")
      .flag("initialize_last_layer", o.initialize_last_layer, "false: all but the last layers of that checkpoint")
      .flag("last_layers_contain_logits_only", o.network.last_layers_contain_logits_only,
            "the last layers are the logits alone, not the whole head")
      .flag("optimizer", f.optimizer, "NAME", "momentum (default) or adam")
      .flag("learning_policy", f.learning_policy, "NAME", "poly (default) or step")
      .flag("base_learning_rate", o.schedule.base_rate, "NUMBER", "default 1e-4")
      .flag("end_learning_rate", o.schedule.end_rate, "NUMBER", "poly: default 0")
      .flag("learning_power", o.schedule.power, "NUMBER", "poly: default 0.9")
      .flag("decay_steps", f.decay_steps, "N", "poly: default all steps")
      .flag("learning_rate_decay_factor", o.schedule.decay_factor, "NUMBER", "step: default 0.1")
      .flag("learning_rate_decay_step", f.learning_rate_decay_step, "N", "step: default 2000")
      .flag("slow_start_step", f.slow_start_step, "N", "steps at --slow_start_learning_rate first")
      .flag("slow_start_learning_rate", o.schedule.slow_start_rate, "NUMBER", "default 1e-4")
      .flag("momentum", o.network.momentum, "NUMBER", "default 0.9")
      .flag("adam_learning_rate", f.adam_learning_rate, "NUMBER", "default 0.001")
      .flag("adam_epsilon", o.network.adam_epsilon, "NUMBER", "default 1e-8")
      .flag("weight_decay", o.network.weight_decay, "NUMBER", "default 4e-5")
      .flag("last_layer_gradient_multiplier", o.network.last_layer_gradient_multiplier, "NUMBER", "default 1")
      .flag("fine_tune_batch_norm", o.network.fine_tune_batch_norm, "false: batch norms keep their statistics")
      .flag("batch_norm_decay", o.network.batch_norm_decay, "NUMBER", "of the head; default 0.9997")
      .flag("backbone_batch_norm_decay", o.network.backbone_batch_norm_decay, "NUMBER",
            "default 0.997; less for short runs")
      .flag("upsample_logits", o.network.upsample_logits, "false: labels are made smaller instead")
      .flag("label_weights", "W,W,…", "one a class", append_to(o.network.label_weights))
      .flag("hard_example_mining_step", o.network.hard_example_mining_step, "N", "default 0")
      .flag("top_k_percent_pixels", o.network.top_k_percent_pixels, "SHARE", "the hardest ones count; default 1")
      .flag("min_scale_factor", o.feed.augmentation.min_scale, "NUMBER", "default 0.5")
      .flag("max_scale_factor", o.feed.augmentation.max_scale, "NUMBER", "default 2")
      .flag("scale_factor_step_size", o.feed.augmentation.scale_step, "NUMBER", "default 0.25; 0: any scale")
      .flag("min_resize_value", o.feed.augmentation.min_resize, "N",
            "before that, the shorter side of each picture comes to this")
      .flag("max_resize_value", o.feed.augmentation.max_resize, "N", "and the longer one to this at most")
      .flag("resize_factor", o.feed.augmentation.resize_factor, "N",
            "and both are rounded up to a multiple of this and one");
}

void declare_net(cli::Args& args, Flags& f) {
  TrainOptions& o = f.o;
  args.flag("model_variant", f.model_variant, "NAME", "mobilenet_v2 (default) or mobilenet_edgetpu")
      .flag("depth_multiplier", o.net.depth_multiplier, "NUMBER", "of the backbone's channels; default 1")
      .flag("num_classes", f.num_classes, "N", "default: as the data set has")
      .flag("output_stride", o.net.output_stride, "N", "8, 16 (default) or 32")
      .flag("atrous_rates", "N", "rates of the ASPP branches, several times or with commas",
            append_to(o.net.atrous_rates))
      .flag("decoder_output_stride", f.decoder_output_stride, "N", "4: with the decoder of v3+")
      .flag("aspp_convs_filters", o.net.aspp_filters, "N", "default 256")
      .flag("decoder_filters", o.net.decoder_filters, "N", "default 256")
      .flag("add_image_level_feature", o.net.add_image_level_feature, "with image pooling (default true)")
      .flag("quantize_delay_step", f.quantize_delay_step, "N", "from this step on in 8 bits; -1 (default): never")
      .flag("per_channel", o.network.per_channel,
            "quantized: filters have a symmetric range for each output channel; for int8 models")
      .flag("symmetric_weights", o.network.symmetric_weights,
            "quantized: filters' ranges reach as far down as up, so that int8 holds every weight")
      .flag("freeze_bn_delay", f.freeze_bn_delay, "N",
            "quantized: batch norms keep their statistics from this step on");
}

void declare_run(cli::Args& args, Flags& f) {
  TrainOptions& o = f.o;
  args.flag("log_steps", o.log_steps, "N", "default 10")
      .flag("save_interval_secs", o.save_interval_secs, "N", "default 1200")
      .flag("save_interval_steps", f.save_interval_steps, "N", "checkpoints by steps as well")
      .flag("validation_samples", o.validation_samples, "N",
            "pictures of the validation split that each checkpoint is measured on")
      .flag("validation_split", f.validation_split, "NAME", "default val")
      .flag("num_threads", f.num_threads, "N", "default: the physical cores")
      .flag("num_clones", f.num_clones, "N", "workers on this machine, each with its part of the batch; default 1")
      .flag("sync_batch_norm", o.network.sync_batch_norm,
            "several workers: batch norms see the whole batch, not each worker its part")
      .flag("head_keep_prob", o.network.keep_probability, "SHARE",
            "of concat_projection's values, the others drop out; default 0.9")
      .flag("device", o.network.device, "NAME", "cpu (default), cuda or auto")
      .flag("seed", f.seed, "N", "of weights, order and augmentation; default 1")
      .flag("image_pyramid", "SCALES", "not done", only("1"))
      .flag("drop_path_keep_prob", "NUMBER", "not done", only("1.0"))
      .flag("logits_kernel_size", "N", "not done", only("1"))
      .flag("merge_method", "NAME", "means nothing at one scale",
            [](const std::string&) -> Expected<void> { return {}; })
      .flag("aspp_with_batch_norm", "BOOL", "only true", only("true"))
      .flag("aspp_with_separable_conv", "BOOL", "only true", only("true"))
      .flag("decoder_use_separable_conv", "BOOL", "only true", only("true"))
      .flag("num_replicas", "N", "not done", only("1"))
      .flag("num_ps_tasks", "N", "not done", only("0"))
      .ignored({"logtostderr", "alsologtostderr", "master", "task", "clone_on_cpu", "startup_delay_steps",
                "save_summaries_secs", "save_summaries_images"})
      .example(
          "monolite train --dataset=scenes --train_logdir=scenes_float --depth_multiplier=0.5 --num_classes=8 "
          "--train_crop_size=129,129 --train_batch_size=16 --base_learning_rate=0.1 --training_number_of_steps=4000")
      .example(
          "monolite train --dataset=scenes --train_logdir=scenes_qat --tf_initial_checkpoint=scenes_float "
          "--quantize_delay_step=0 --base_learning_rate=3e-5 --training_number_of_steps=500 …");
}

Expected<void> check(const Flags& f) {
  const auto fail = [](const char* flag, const std::string& found, const char* expected) {
    return Unexpected(usage_error(flag, found, expected));
  };
  if (f.o.logdir.empty()) return fail("--train_logdir", "nothing", "the folder for checkpoints");
  if (f.optimizer != "momentum" && f.optimizer != "adam")
    return fail("--optimizer", printable(f.optimizer), "momentum or adam");
  if (f.learning_policy != "poly" && f.learning_policy != "step")
    return fail("--learning_policy", printable(f.learning_policy), "poly or step");
  if (f.num_threads < 0 || f.num_threads > 1024)
    return fail("--num_threads", fmt::format("{}", f.num_threads), "1 to 1024");
  if (f.num_classes < 0 || f.num_classes > 255)
    return fail("--num_classes", fmt::format("{}", f.num_classes), "1 to 255");
  if (f.ignore_label && (*f.ignore_label < -1 || *f.ignore_label > 255))
    return fail("--ignore_label", fmt::format("{}", *f.ignore_label), "0 to 255, or -1");
  if (f.num_clones < 1 || f.num_clones > 256) return fail("--num_clones", fmt::format("{}", f.num_clones), "1 to 256");
  if (!(f.o.network.keep_probability > 0 && f.o.network.keep_probability <= 1))
    return fail("--head_keep_prob", fmt::format("{}", f.o.network.keep_probability), "a share: more than 0, at most 1");
  if (f.o.feed.batch_size < 1 || f.o.feed.batch_size > 4096)
    return fail("--train_batch_size", fmt::format("{}", f.o.feed.batch_size), "1 to 4096");
  if (f.crop.size() > 2) return fail("--train_crop_size", fmt::format("{} numbers", f.crop.size()), "height and width");
  for (const int c : f.crop)
    if (c < 17 || c > 4097) return fail("--train_crop_size", fmt::format("{}", c), "17 to 4097");
  const int stride = f.o.net.output_stride;
  if (stride != 8 && stride != 16 && stride != 32)
    return fail("--output_stride", fmt::format("{}", stride), "8, 16 or 32");
  if (f.decoder_output_stride && *f.decoder_output_stride != 4)
    return fail("--decoder_output_stride", fmt::format("{}", *f.decoder_output_stride), "4");
  const double m = f.o.net.depth_multiplier;
  if (!(m >= 0.05 && m <= 4)) return fail("--depth_multiplier", fmt::format("{}", m), "0.05 to 4");
  for (const int r : f.o.net.atrous_rates)
    if (r < 1 || r > 64) return fail("--atrous_rates", fmt::format("{}", r), "1 to 64");
  if (f.o.net.aspp_filters < 1 || f.o.net.aspp_filters > 4096)
    return fail("--aspp_convs_filters", fmt::format("{}", f.o.net.aspp_filters), "1 to 4096");
  if (f.o.net.decoder_filters < 1 || f.o.net.decoder_filters > 4096)
    return fail("--decoder_filters", fmt::format("{}", f.o.net.decoder_filters), "1 to 4096");
  const auto& a = f.o.feed.augmentation;
  if (!(a.min_scale > 0 && a.min_scale <= a.max_scale && a.max_scale <= 16))
    return fail("--min_scale_factor", fmt::format("{} (to {})", a.min_scale, a.max_scale),
                "more than 0, at most --max_scale_factor, which is at most 16");
  for (const auto& [flag, value] :
       {std::pair("--min_resize_value", a.min_resize), std::pair("--max_resize_value", a.max_resize),
        std::pair("--resize_factor", a.resize_factor)})
    if (value < 0 || value > 8192) return fail(flag, fmt::format("{}", value), "1 to 8192");
  if (a.max_resize > 0 && a.min_resize == 0)
    return fail("--max_resize_value", "no --min_resize_value", "both: the longer side's bound is for what that makes");
  if (f.model_variant != "mobilenet_v2" && f.model_variant != "mobilenet_edgetpu")
    return fail("--model_variant", printable(f.model_variant), "mobilenet_v2 or mobilenet_edgetpu");
  if (f.model_variant == "mobilenet_edgetpu" && f.decoder_output_stride)
    return fail("--decoder_output_stride", "a decoder over MobileNet-EdgeTPU",
                "none: its blocks on large maps have no depthwise layer to take features from");
  if (!(f.o.network.top_k_percent_pixels > 0 && f.o.network.top_k_percent_pixels <= 1))
    return fail("--top_k_percent_pixels", fmt::format("{}", f.o.network.top_k_percent_pixels),
                "a share: more than 0, at most 1");
  const std::string& d = f.o.network.device;
  if (d != "cpu" && d != "cuda" && d != "auto") return fail("--device", printable(d), "cpu, cuda or auto");
  return {};
}

void settle(Flags& f, const Dataset& data) {
  TrainOptions& o = f.o;
  o.net.classes = data.classes;
  if (data.names.size() == static_cast<size_t>(data.classes)) o.class_names = data.names;
  o.net.decoder_output_stride = f.decoder_output_stride;
  if (f.model_variant == "mobilenet_edgetpu") o.net.backbone = nets::Backbone::mobilenet_edgetpu;
  o.feed.height = o.net.crop_height;
  o.feed.width = o.net.crop_width;
  o.feed.classes = o.net.classes;
  o.feed.seed = o.network.seed = static_cast<uint64_t>(f.seed);
  o.feed.augmentation.ignore_label = static_cast<uint8_t>(data.ignore_label);
  o.network.ignore_label = data.ignore_label;
  o.network.optimizer = f.optimizer == "adam" ? Optimizer::adam : Optimizer::momentum;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  o.network.threads = f.num_threads > 0 ? f.num_threads : std::max(cores, 1);
  o.schedule.policy = f.learning_policy == "step" ? Policy::step : Policy::poly;
  o.schedule.steps = f.training_number_of_steps;
  o.schedule.decay_steps = f.decay_steps;
  o.schedule.decay_every = f.learning_rate_decay_step;
  o.schedule.slow_start_steps = f.slow_start_step;
  if (f.quantize_delay_step >= 0) o.network.quantize_delay_step = f.quantize_delay_step;
  if (f.freeze_bn_delay >= 0) o.network.freeze_bn_delay = f.freeze_bn_delay;
  o.save_interval_steps = f.save_interval_steps;
  // TensorFlow's Adam has a rate of its own, which no policy changes.
  if (o.network.optimizer == Optimizer::adam)
    o.schedule = {
        .policy = Policy::step, .base_rate = f.adam_learning_rate, .steps = o.schedule.steps, .decay_factor = 1};
}

// The other workers, or nullptr for one alone.
Expected<std::unique_ptr<Workers>> meet(Launcher& launcher, Flags& f, const std::vector<std::string>& arguments) {
  TrainOptions& o = f.o;
  ML_ASSIGN(const WorkerPlace place, launcher.place(f.num_clones, arguments));
  if (place.size == 1) return std::unique_ptr<Workers>();
  if (o.feed.batch_size % place.size != 0) {
    return Unexpected(usage_error("--train_batch_size", fmt::format("{}", o.feed.batch_size),
                                  fmt::format("a multiple of {}, for as many workers", place.size)));
  }
  ML_ASSIGN(auto workers, Workers::join(place));
  o.workers = workers.get();
  o.feed.rank = o.network.rank = place.rank;
  o.feed.workers = o.network.workers = place.size;
  o.network.threads = std::max(o.network.threads / f.num_clones, 1);
  o.network.average = [w = workers.get()](std::span<float> values) { return w->average(values); };
  o.network.maximum = [w = workers.get()](std::span<float> values) { return w->maximum(values); };
  return workers;
}

data::DatasetRequest request_of(const Flags& f) {
  data::DatasetRequest r;
  r.name = f.images.empty() ? f.dataset : "";
  r.folder = f.dataset_dir;
  r.images = f.images;
  r.masks = f.masks;
  r.split = f.train_split;
  r.height = f.o.net.crop_height;
  r.width = f.o.net.crop_width;
  r.ignore_label = f.ignore_label;
  r.label_map = f.label_map;
  if (f.num_classes > 0) r.classes = f.num_classes;
  return r;
}

int run(cli::Args& args) {
  Flags f;
  declare_recipe(args, f);
  declare_net(args, f);
  declare_run(args, f);
  if (const auto code = args.parse()) return *code;
  if (const auto ok = check(f); !ok) return args.fail(ok.error());
  if (!f.crop.empty()) f.o.net.crop_height = f.crop.front(), f.o.net.crop_width = f.crop.back();
  auto data = open_dataset(request_of(f), f.o.validation_samples > 0 ? f.validation_split : "");
  if (!data) return args.fail(data.error());
  settle(f, *data);
  if (!f.o.network.label_weights.empty() && f.o.network.label_weights.size() != static_cast<size_t>(f.o.net.classes)) {
    return args.fail(usage_error("--label_weights", fmt::format("{} numbers", f.o.network.label_weights.size()),
                                 fmt::format("one for each of {} classes", f.o.net.classes)));
  }
  Launcher launcher;
  auto workers = meet(launcher, f, args.arguments());
  if (!workers) return args.fail(workers.error());
  if (*workers && f.o.network.fine_tune_batch_norm && !f.o.network.sync_batch_norm)
    args.remark(
        "note: each worker's batch norms see its own part of a batch, and the first one's statistics are kept; "
        "--sync_batch_norm has them see the whole");
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  ProgressBar bar(args.quiet());
  const Listener listener{.tick = [&bar](const Tick& t) { bar.show(t); },
                          .remark =
                              [&](const std::string& text) {
                                bar.clear();
                                args.remark("note: " + text);
                              }};
  const auto report = train(f.o, *data->train, data->validation.get(), stop_requested, listener);
  bar.clear();
  if (!report) return args.fail(report.error());
  if (args.json()) {
    const auto field = [](const char* key, const std::optional<double>& value) {
      return value ? fmt::format(",\"{}\":{:.5f}", key, *value) : std::string();
    };
    fmt::print("{{\"checkpoint\":\"{}\",\"step\":{},\"loss\":{:.6f},\"complete\":{}{}{}}}\n", report->checkpoint,
               report->step, report->loss, report->is_complete, field("miou", report->miou),
               field("whole_miou", report->whole_miou));
  } else {
    fmt::print("{}: step {}, loss {:.4f}{}\n", report->checkpoint.empty() ? f.o.logdir : report->checkpoint,
               report->step, report->loss, report->miou ? fmt::format(", mIoU {:.4f}", *report->miou) : "");
  }
  if (!report->is_complete) args.remark("stopped; the same command goes on from there");
  return report->is_complete ? cli::kYes : cli::kNo;
}

}  // namespace
}  // namespace monolite::train

namespace {

// OpenMP's threads spin while they wait, which on a machine with other work costs twenty times the speed. libgomp reads
// its setting before main, so the program begins once more with it.
void wait_without_spinning(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  ::setenv("OMP_WAIT_POLICY", "passive", 1);
  ::execv("/proc/self/exe", argv);
}

}  // namespace

int main(int argc, char** argv) {
  wait_without_spinning(argv);
  try {
    monolite::cli::Args args("train", "float and quantization-aware training of DeepLab", {argv + 1, argv + argc});
    return monolite::train::run(args);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "error: out of memory\n  to mend   a smaller --train_batch_size or --train_crop_size\n");
    return monolite::cli::kBadInput;
  } catch (const std::exception& e) {
    // libtorch says it in words of its own.
    if (std::string_view(e.what()).find("allocate") != std::string_view::npos) {
      std::fprintf(stderr, "error: out of memory\n  to mend   a smaller --train_batch_size or --train_crop_size\n");
      return monolite::cli::kBadInput;
    }
    std::fprintf(stderr, "error: a fault of monolite-train itself: %s\n  to mend   please report it with the command\n",
                 e.what());
    return monolite::cli::kFault;
  }
}
