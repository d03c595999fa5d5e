#include "monolite/dataset.h"

#include "data/dataset.h"
#include "data/make.h"
#include "data/sheet.h"
#include "image/read.h"
#include "tasks/labels.h"

namespace monolite {

Expected<MakeDatasetReport> make_dataset(const MakeDatasetOptions& o) {
  for (const auto& [flag, value] :
       {std::pair("--images", &o.images), {"--masks", &o.masks}, {"--labels", &o.labels}, {"-o", &o.out}}) {
    if (value->empty()) return Unexpected(usage_error(flag, "nothing", "all of --images, --masks, --labels and -o"));
  }
  data::MakeRequest r;
  r.images = o.images;
  r.masks = o.masks;
  r.labels = o.labels;
  r.by_palette = o.palette;
  r.ignore_label = o.ignore_label;
  r.ignore_unknown = o.ignore_unknown;
  r.val_share = o.val_share;
  r.test_share = o.test_share;
  r.as_records = o.tfrecord;
  r.shards = o.shards;
  r.folder = o.out;
  r.progress = o.progress;
  ML_ASSIGN(data::Made made, data::make_dataset(r));
  MakeDatasetReport report{.folder = o.out, .pixels = made.pixels, .ignored = made.ignored};
  for (const auto& c : made.classes) report.classes.push_back({c.name, c.pixels, c.pictures});
  report.splits.assign(made.splits.begin(), made.splits.end());
  report.remarks = std::move(made.remarks);
  return report;
}

Expected<ShowDatasetReport> show_dataset(const ShowDatasetOptions& o) {
  if (o.samples < 1 || o.samples > 100)
    return Unexpected(usage_error("--samples", std::to_string(o.samples), "1 to 100"));
  data::DatasetRequest r;
  r.name = o.dataset;
  r.folder = o.dataset_dir;
  r.images = o.images;
  r.masks = o.masks;
  r.split = o.split;
  r.classes = o.num_classes;
  r.ignore_label = o.ignore_label;
  ML_ASSIGN(data::Dataset d, data::open_dataset(r));
  if (o.first < 0 || o.first >= d.source->size()) {
    return Unexpected(usage_error("--first", std::to_string(o.first), "0 to " + std::to_string(d.source->size() - 1)));
  }
  if (!o.labels.empty()) {
    ML_ASSIGN(tasks::Labels labels, tasks::read_labels(o.labels));
    d.names = tasks::fit_labels(std::move(labels), d.classes).names;
  }
  if (d.names.empty()) d.names = tasks::built_in_labels(d.classes).names;
  if (d.colors.empty()) d.colors = tasks::colors_for(d.classes);
  ML_ASSIGN(const image::Image sheet, data::draw_samples(d, o.first, o.samples, d.names, d.colors));
  ML_TRY(image::write_png(sheet, o.out));
  return ShowDatasetReport{d.description, o.out, d.source->size(), d.classes, d.ignore_label, d.names};
}

}  // namespace monolite
