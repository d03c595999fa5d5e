#include "monolite/dataset.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "json.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

void print_made(const MakeDatasetReport& r) {
  Table table({{"label", Table::Align::right},
               {"class"},
               {"pixels", Table::Align::right},
               {"share", Table::Align::right},
               {"pictures", Table::Align::right}});
  const auto share = [&](int64_t pixels) {
    return fmt::format("{:.2f} %",
                       100.0 * static_cast<double>(pixels) / static_cast<double>(std::max<int64_t>(r.pixels, 1)));
  };
  for (size_t i = 0; i < r.classes.size(); ++i) {
    const auto& c = r.classes[i];
    table.add({std::to_string(i), c.name, with_commas(c.pixels), share(c.pixels), with_commas(c.pictures)});
  }
  fmt::print("{}\n{} ignored\n", table.text(), share(r.ignored));
  for (const auto& [name, size] : r.splits) fmt::print("{}: {} pictures\n", name, with_commas(size));
}

int make(const std::vector<std::string>& arguments) {
  Args args("dataset make", "your own pictures and masks -> a data set for train and eval", arguments);
  MakeDatasetOptions o;
  args.flag("images", o.images, "DIR", "pictures; with folders train, val, test in it, these are the splits")
      .flag("masks", o.masks, "DIR", "masks of the same names, PNG or BMP: labels, or colours")
      .flag("labels", o.labels, "FILE",
            "one class a line, with its colour where masks have colours: road 128 64 128 (also CVAT's labelmap.txt)")
      .flag("palette", o.palette, "palette PNGs are told by their colours, not by their indices")
      .flag("ignore", o.ignore_label, "N", "the label of pixels that do not count (default 255)")
      .flag("ignore_unknown", o.ignore_unknown, "colours of no class are ignored instead of refused")
      .flag("val_share", o.val_share, "SHARE", "of the pictures for the split val (default 0.1), told by their names")
      .flag("test_share", o.test_share, "SHARE", "for the split test (default 0)")
      .flag("tfrecord", o.tfrecord, "TFRecords, as DeepLab's build_data.py writes them, instead of files")
      .flag("shards", o.shards, "N", "of a split's TFRecords (default 1)")
      .flag("output", o.out, "DIR", "the folder to make")
      .short_name("-o")
      .example("monolite dataset make --images photos --masks masks --labels labels.txt -o mine")
      .example("monolite train --dataset=mine --train_logdir=log");
  if (const auto code = args.parse()) return *code;
  const bool has_bar = ::isatty(STDERR_FILENO) != 0 && !args.json() && !args.quiet();
  if (has_bar) o.progress = [](int64_t done, int64_t of) { fmt::print(stderr, "\r{} of {} masks read ", done, of); };
  const auto r = monolite::make_dataset(o);
  if (has_bar) std::fputs("\r\x1b[K", stderr);
  if (!r) return args.fail(r.error());
  for (const auto& remark : r->remarks) args.remark("note: " + remark);
  if (!args.json()) {
    print_made(*r);
    args.remark("wrote " + r->folder);
    return kYes;
  }
  Json classes = Json::array(), splits = Json::object();
  for (const auto& c : r->classes)
    classes.push_back({{"name", c.name}, {"pixels", c.pixels}, {"pictures", c.pictures}});
  for (const auto& [name, size] : r->splits) splits[name] = size;
  print_json({{"folder", r->folder},
              {"classes", classes},
              {"splits", splits},
              {"pixels", r->pixels},
              {"ignored", r->ignored},
              {"remarks", r->remarks}});
  return kYes;
}

int show(const std::vector<std::string>& arguments) {
  Args args("dataset show", "a picture of samples of a data set, with their labels", arguments);
  ShowDatasetOptions o;
  std::string other_name;
  args.optional_positional("DATASET", o.dataset, "scenes, pascal_voc_seg, cityscapes, ade20k, or the folder of any set")
      .flag("dataset", other_name, "NAME", "the same")
      .flag("dataset_dir", o.dataset_dir, "DIR", "its folder")
      .flag("images", o.images, "DIR", "with --masks: pictures, and masks of the same names")
      .flag("masks", o.masks, "DIR", "palette or grey PNGs, pixels are labels")
      .flag("split", o.split, "NAME", "default train")
      .flag("first", o.first, "N", "the first sample (default 0)")
      .flag("samples", o.samples, "N", "how many, at most 100 (default 6)")
      .flag("num_classes", o.num_classes, "N", "default: as the data set has")
      .flag("ignore_label", o.ignore_label, "N", "likewise; these pixels are magenta")
      .flag("labels", o.labels, "FILE", "names of the classes, one a line")
      .flag("output", o.out, "OUT.png", "default dataset.png")
      .short_name("-o")
      .example("monolite dataset show mine --split val -o samples.png")
      .example("monolite dataset show scenes --samples 12 -o scenes.png");
  if (const auto code = args.parse()) return *code;
  if (o.dataset.empty()) o.dataset = other_name;
  const auto r = monolite::show_dataset(o);
  if (!r) return args.fail(r.error());
  if (args.json()) {
    print_json({{"data", r->data},
                {"file", r->file},
                {"size", r->size},
                {"num_classes", r->num_classes},
                {"ignore_label", r->ignore_label},
                {"names", r->names}});
    return kYes;
  }
  fmt::print("{}\n", r->data);
  args.remark("wrote " + r->file);
  return kYes;
}

}  // namespace

int dataset(Args& args) {
  const auto& words = args.arguments();
  const std::vector<std::string> rest(words.empty() ? words.end() : words.begin() + 1, words.end());
  if (!words.empty() && words[0] == "make") return make(rest);
  if (!words.empty() && words[0] == "show") return show(rest);
  std::string what;
  args.positional("WHAT", what, "make or show: `monolite dataset make --help` shows its flags")
      .example("monolite dataset make --images photos --masks masks --labels labels.txt -o mine")
      .example("monolite dataset show mine -o samples.png");
  if (const auto code = args.parse()) return *code;
  return args.fail(usage_error("dataset", "\"" + printable(what) + "\"", "make or show"));
}

}  // namespace monolite::cli
