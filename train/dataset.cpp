#include "dataset.h"

namespace monolite::train {

Expected<Dataset> open_dataset(const data::DatasetRequest& request, const std::string& validation_split) {
  ML_ASSIGN(data::Dataset train, data::open_dataset(request));
  Dataset d{std::move(train.source), nullptr, std::move(train.description), train.classes, train.ignore_label,
            std::move(train.names)};
  if (d.classes <= 0) {
    return Unexpected(usage_error(d.description, "a data set that does not tell how many classes it has",
                                  "--num_classes=N", "`monolite dataset make` makes one with their names"));
  }
  // Where nothing is ignored, what padding adds is.
  if (d.ignore_label < 0) d.ignore_label = kPaddingLabel;
  if (validation_split.empty()) return d;
  data::DatasetRequest validation = request;
  validation.split = validation_split;
  ML_ASSIGN(data::Dataset opened, data::open_dataset(validation));
  d.validation = std::move(opened.source);
  return d;
}

}  // namespace monolite::train
