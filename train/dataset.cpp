#include "dataset.h"

#include "base/text.h"
#include "data/scene.h"
#include "data/scene_splits.h"

namespace monolite::train {
namespace {

// Scenes of the crop's own size, made when they are asked for.
class Scenes final : public Source {
 public:
  Scenes(const data::SceneSplit& split, int height, int width) : split_(split), height_(height), width_(width) {}
  int64_t size() const override { return split_.size; }
  Expected<Sample> load(int64_t index) const override {
    data::Scene s = data::scene(split_.first_seed + static_cast<uint64_t>(index), height_, width_);
    return Sample{s.height, s.width, std::move(s.image), std::move(s.labels)};
  }

 private:
  data::SceneSplit split_;
  int height_, width_;
};

Expected<std::unique_ptr<Source>> scenes(const DatasetRequest& r, const std::string& split) {
  for (const data::SceneSplit& s : data::kSceneSplits) {
    if (s.name == split) return std::make_unique<Scenes>(s, r.height, r.width);
  }
  return Unexpected(usage_error("--train_split", printable(split), "train, val or test"));
}

}  // namespace

Expected<Dataset> open_dataset(const DatasetRequest& r) {
  if (r.name != "scenes")
    return Unexpected(usage_error("--dataset", printable(r.name), "scenes: others are not read yet"));
  Dataset d;
  d.classes = static_cast<int>(data::kSceneClasses.size());
  ML_ASSIGN(d.train, scenes(r, r.split));
  if (!r.validation_split.empty()) {
    ML_ASSIGN(d.validation, scenes(r, r.validation_split));
  }
  return d;
}

}  // namespace monolite::train
