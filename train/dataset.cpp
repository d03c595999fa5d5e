#include "dataset.h"

#include <random>

#include "base/text.h"

namespace monolite::train {
namespace {

// Rectangles of the classes' colours.
class Rectangles final : public Source {
 public:
  explicit Rectangles(int64_t first) : first_(first) {}
  int64_t size() const override { return 1000; }
  Expected<Sample> load(int64_t index) const override {
    std::mt19937 random(static_cast<unsigned>(first_ + index));
    Sample s{129, 129, std::vector<uint8_t>(129 * 129 * 3), std::vector<uint8_t>(129 * 129)};
    for (int k = 0; k < 6; ++k) {
      const int c = static_cast<int>(random() % 8), y0 = static_cast<int>(random() % 100),
                x0 = static_cast<int>(random() % 100);
      for (int y = y0; y < std::min(129, y0 + 50); ++y)
        for (int x = x0; x < std::min(129, x0 + 50); ++x) {
          const int at = y * 129 + x;
          s.labels[at] = static_cast<uint8_t>(c);
          for (int i = 0; i < 3; ++i)
            s.image[at * 3 + i] = static_cast<uint8_t>(((c >> i & 1) * 150) + random() % 60 + 20);
        }
    }
    return s;
  }

 private:
  int64_t first_;
};

}  // namespace

Expected<Dataset> open_dataset(const DatasetRequest& request) {
  if (request.name != "scenes") return Unexpected(usage_error("--dataset", printable(request.name), "scenes"));
  Dataset d;
  d.train = std::make_unique<Rectangles>(1000);
  d.validation = std::make_unique<Rectangles>(1000000);
  d.classes = 8;
  return d;
}

}  // namespace monolite::train
